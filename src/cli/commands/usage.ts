import { Command } from 'commander'
import type { Usage } from '../../repositories/analytics/analytics.ts'
import { withStore } from '../database.ts'
import { filterOf, withFilters } from '../filters/filters.ts'
import { formatCount, formatDollars, formatNumberOf } from '../format.ts'
import { type GroupChoices, groupsOf, withGroups } from '../group-options.ts'
import { type GroupRow, groupLines, type Measure } from '../group-table.ts'
import type { CommandIo } from '../io.ts'
import { type GlobalOptions, withExamples } from '../options.ts'

/** `tracehold usage` */
export function usageCommand(io: CommandIo): Command {
  const command = new Command('usage')
    .description('Sum up spans, errors, tokens and cost.')
    .action((_options, self: Command) => run(io, self.optsWithGlobals<GlobalOptions & GroupChoices>()))
  return withExamples(withFilters(withGroups(command), 'spans'), [
    'tracehold usage --by provider,model --since 7d --compare',
    'tracehold usage --bucket day --fill --since 30d --metadata team=red',
    'tracehold usage --by tool --kind tool --json',
  ])
}

async function run(io: CommandIo, options: GlobalOptions & GroupChoices): Promise<void> {
  const filter = filterOf('spans', options)
  // As JSON there are all measures.
  const asked = options.json ? undefined : shown
  const groups: GroupRow<Shown>[] = await withStore(io, options, ({ analytics }) =>
    analytics.usage({ ...filter, ...groupsOf(options), measures: asked }),
  )
  if (options.json) {
    io.printJson(groups)
    return
  }
  if (groups.every(({ spans, previous }) => spans === 0 && (previous?.spans ?? 0) === 0)) {
    io.note('No spans found.')
    return
  }
  const hasCosts = groups.some(({ costUsd, previous }) => costUsd > 0 || (previous?.costUsd ?? 0) > 0)
  const measures = hasCosts ? [...counts, cost] : counts
  const chart = hasCosts ? cost : groups.some(({ totalTokens }) => totalTokens > 0) ? total : spans
  for (const line of groupLines<Shown>(groups, { ...options, measures, chart, width: io.width, colors: io.colors }))
    io.print(line)
  const kept = groups.reduce((sum, { keptSpans }) => sum + keptSpans, 0)
  if (kept > 0)
    io.note(`Of ${formatNumberOf(kept, 'span')} the traces are gone: retention kept what they used, by the hour.`)
}

/** What a table shows. */
const shown = [
  'spans',
  'keptSpans',
  'errors',
  'inputTokens',
  'outputTokens',
  'totalTokens',
  'costUsd',
] as const satisfies (keyof Usage)[]
type Shown = Pick<Usage, (typeof shown)[number]>

type UsageMeasure = Measure<Shown>

const spans: UsageMeasure = { title: 'spans', of: (usage) => usage.spans, format: formatCount }
const total: UsageMeasure = { title: 'total', of: ({ totalTokens }) => totalTokens, format: formatCount }
const cost: UsageMeasure = { title: 'cost', of: ({ costUsd }) => costUsd, format: formatDollars }
const counts: readonly UsageMeasure[] = [
  spans,
  {
    title: 'errors',
    of: ({ errors }) => errors,
    format: formatCount,
    color: (text, colors, { errors }) => (errors > 0 ? colors.red(text) : text),
  },
  { title: 'tokens in', of: ({ inputTokens }) => inputTokens, format: formatCount },
  { title: 'out', of: ({ outputTokens }) => outputTokens, format: formatCount },
  total,
]
