import { Command, InvalidArgumentError, Option } from 'commander'
import { type SpanKind, spanKinds } from '../../../schema/values.ts'
import { type UsageDimension, type UsageGroup, usageDimensions } from '../../repositories/analytics.ts'
import { withStore } from '../database.ts'
import { type FilterOptions, filterOf, withFilters } from '../filters.ts'
import { formatCount, formatDollars, none } from '../format.ts'
import { type GlobalOptions, withExamples } from '../options.ts'
import { colors, note, print, printJson, terminalWidth } from '../output.ts'
import { printable } from '../printable.ts'
import { type Column, renderTable } from '../table.ts'

interface UsageOptions extends GlobalOptions, FilterOptions {
  by?: UsageDimension[]
  kind?: SpanKind[]
  tool?: string[]
}

type Group = UsageGroup<UsageDimension>

/** `tracehold usage` */
export function usageCommand(): Command {
  const command = new Command('usage')
    .description('Sum up spans, errors, tokens and cost.')
    .option('--by <names>', `group by ${usageDimensions.join(', ')}; several with commas`, readDimensions)
    .addOption(new Option('--kind <kind...>', 'only spans of this kind').choices(spanKinds))
    .option('--tool <name...>', 'only calls of this tool')
    .action((_options, self: Command) => run(self.optsWithGlobals<UsageOptions>()))
  return withExamples(withFilters(command), [
    'tracehold usage --by provider,model --since 7d',
    'tracehold usage --by tool --kind tool --json',
  ])
}

function readDimensions(text: string, before: UsageDimension[] = []): UsageDimension[] {
  const names = text.split(',').map((name) => name.trim())
  const known = names.filter((name): name is UsageDimension => usageDimensions.some((each) => each === name))
  if (known.length === names.length) return [...new Set([...before, ...known])]
  throw new InvalidArgumentError(`It takes ${usageDimensions.join(', ')}.`)
}

async function run(options: UsageOptions): Promise<void> {
  const { by = [], kind, tool, json } = options
  const groups = await withStore(options, (store) =>
    store.analytics.usage({ ...filterOf(options), kind, toolName: tool, by }),
  )
  if (json) {
    printJson(groups)
    return
  }
  if (groups.every(({ spans }) => spans === 0)) {
    note('No spans found.')
    return
  }
  const lines = renderTable(columnsFor(by, groups), groups, { width: terminalWidth(), colors })
  for (const line of lines) print(line)
}

function columnsFor(by: readonly UsageDimension[], groups: readonly Group[]): Column<Group>[] {
  const count = (title: string, key: 'spans' | 'errors' | 'inputTokens' | 'outputTokens' | 'totalTokens') => ({
    title,
    align: 'right' as const,
    text: (group: Group) => formatCount(group[key]),
  })
  return [
    ...by.map((name) => ({ title: name, text: (group: Group) => printable(group[name] ?? none), minWidth: 10 })),
    count('spans', 'spans'),
    { ...count('errors', 'errors'), color: (text, { errors }) => (errors > 0 ? colors.red(text) : text) },
    count('tokens in', 'inputTokens'),
    count('out', 'outputTokens'),
    count('total', 'totalTokens'),
    ...(groups.some(({ costUsd }) => costUsd > 0)
      ? [{ title: 'cost', align: 'right' as const, text: ({ costUsd }: Group) => formatDollars(costUsd) }]
      : []),
  ]
}
