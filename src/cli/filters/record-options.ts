import { metricCategories, metricTypes, resultKinds, resultStatuses } from '../../../schema/values.ts'
import { logLevels } from '../../repositories/log-levels.ts'
import { type FilterOption, flag, id, paths, range, starts, tags, text, times, words } from './filter-option.ts'
import { asCount, asDuration } from './numbers.ts'

const severalNames = "of several any fits, '~part' finds a part, '' none: here and below"
const asMetadata = 'conditions on attributes, as --metadata takes them'
const metadata = paths(
  'metadata',
  '--metadata <condition...>',
  'team=red, plan=pro,team, score>=0.5, /user/plan!=free, team (is there), !team (is not); all must hold',
)

/** The filters of results. */
export const resultOptions: readonly FilterOption[] = [
  ...starts,
  text('name', '--name <name...>', `this test; ${severalNames}`),
  text('suite', '--suite <name...>', 'this suite'),
  id('runId', '--run <id...>', 'this run of a suite'),
  words('kind', '--kind <kind...>', 'this kind', resultKinds),
  words('status', '--status <status...>', 'this status', resultStatuses),
  flag('--failing', 'failed, ended in an error or timed out', { failing: true }),
  ...range('score', 'score', 'scored at least this much', asCount),
  ...range('durationMs', 'duration', 'took at least this long: 500ms, 2s, 1.5m', asDuration),
  text('label', '--label <label...>', 'this label'),
  text('explanation', '--explanation <text...>', 'this explanation'),
  text('evaluator', '--evaluator <name...>', 'judged by this evaluator'),
  text('errorType', '--error-type <type...>', 'an error of this type'),
  text('errorMessage', '--message <text...>', 'this message of an error'),
  text('agentName', '--agent <name...>', 'this agent'),
  text('serviceName', '--service <name...>', 'this service'),
  text('environment', '--environment <name...>', 'this environment'),
  id('traceId', '--trace <id...>', 'the trace that is judged'),
  id('spanId', '--span <id...>', 'the span that is judged'),
  id('responseId', '--response <id...>', 'the response that is judged'),
  id('resultId', '--result <id...>', 'the result with this id'),
  ...tags,
  metadata,
  paths('attributes', '--attribute <condition...>', asMetadata),
]

/** The filters of logs. */
export const logOptions: readonly FilterOption[] = [
  ...starts,
  {
    flags: '--level <level>',
    about: 'this level or worse',
    choices: Object.keys(logLevels),
    part: (minSeverity: string) => ({ minSeverity }),
  },
  ...range('severity', 'severity', 'at least this severity, 1 to 24', asCount),
  text('severityText', '--severity-text <word...>', `this word of the source for a severity; ${severalNames}`),
  text('serviceName', '--service <name...>', 'this service'),
  text('environment', '--environment <name...>', 'this environment'),
  id('traceId', '--trace <id...>', 'this trace'),
  id('spanId', '--span <id...>', 'this span'),
  text('eventName', '--event <name...>', 'events of this name'),
  text('bodyText', '--body <text...>', "this body; '~part' reads every line, which words do not"),
  id('logId', '--log <id...>', 'the line with this id'),
  ...times('observedTime', 'observed', 'observed'),
  paths(
    'attributes',
    '--attribute <condition...>',
    'http.status>=500, plan=pro,team, /user/plan!=free, team; all must hold',
  ),
  paths('body', '--body-value <condition...>', 'conditions on a structured body, as --attribute takes them'),
  paths('resource', '--resource <condition...>', 'conditions on the resource'),
  paths('scope', '--scope <condition...>', 'conditions on the instrumentation scope'),
]

/** The filters of metrics. */
export const metricOptions: readonly FilterOption[] = [
  text('name', '--name <name...>', `this name; ${severalNames}`),
  words('type', '--type <type...>', 'this type', metricTypes),
  words('category', '--category <category...>', 'this category', metricCategories),
  text('serviceName', '--service <name...>', 'described by this service, or with points of it'),
  text('unit', '--unit <unit...>', 'in this unit'),
  text('description', '--description <text...>', 'this description'),
  id('descriptionId', '--description-id <id...>', 'the description with this id'),
  flag('--lower-is-better', 'better when lower', { lowerIsBetter: true }),
  metadata,
]

/** The filters of points. */
export const pointOptions: readonly FilterOption[] = [
  ...starts,
  words('type', '--type <type...>', 'this type', metricTypes),
  text('serviceName', '--service <name...>', `this service; ${severalNames}`),
  text('environment', '--environment <name...>', 'this environment'),
  id('pointId', '--point <id...>', 'the point with this id'),
  id('descriptionId', '--description-id <id...>', 'reported with this description of the metric'),
  ...range('value', 'value', 'at least this value', asCount),
  ...range('count', 'count', 'at least so many measurements, of histograms', asCount),
  ...range('sum', 'sum', 'at least this sum, of histograms', asCount),
  ...tags,
  metadata,
  paths('attributes', '--attribute <condition...>', asMetadata),
  paths('resource', '--resource <condition...>', 'conditions on the resource'),
  paths('scope', '--scope <condition...>', 'conditions on the instrumentation scope'),
]
