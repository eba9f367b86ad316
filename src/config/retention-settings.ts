import { z } from 'zod'
import { acceptedAge, cutoffOf } from '../lifecycle/age.ts'
import { flag, text } from './setting.ts'

const age = (key: string, description: string) =>
  text(
    {
      description,
      env: [`TRACEHOLD_RETENTION_${key.toUpperCase()}`],
      file: [`retention.${key}`],
      accepted: acceptedAge,
      defaultText: 'kept for ever',
    },
    (value) => {
      cutoffOf(value, key, Date.now())
    },
  )

/** What `tracehold maintain` deletes by its age. */
export const retention = z.object({
  olderThan: age(
    'older_than',
    '`tracehold maintain` deletes traces that are older, and metric points, logs and results without a trace.',
  ),
  errors: age('errors', 'The same for traces with an error.'),
  logs: age('logs', 'The same for logs, of whatever trace.'),
  results: age('results', 'The same for results, of whatever trace.'),
  metricPoints: age('metric_points', 'The same for points of metrics.'),
  keepUsage: flag(false, {
    description: 'Keep what deleted traces used, by the hour and the usual names, for `usage`.',
    env: ['TRACEHOLD_RETENTION_KEEP_USAGE'],
    file: ['retention.keep_usage'],
  }),
})
