import { type Command, InvalidArgumentError, Option } from 'commander'
import type { FilterOf } from '../../repositories/entities/entities.ts'
import { type FilterOption, type FilterPart, optionOf } from './filter-option.ts'
import { logOptions, metricOptions, pointOptions, resultOptions } from './record-options.ts'
import { commonOptions, spanOptions, traceOptions } from './trace-options.ts'

/** What a command filters. */
export type Filtered = Exclude<keyof FilterOf, 'events'>

/** Options with the title that help shows above them. */
type Group = readonly [title: string, options: readonly FilterOption[]]

const groups: Readonly<Record<Filtered, readonly [Group, ...Group[]]>> = {
  traces: [
    ['Which traces:', [...commonOptions, ...traceOptions]],
    ['Traces with a span (one that fits them all):', spanOptions],
  ],
  spans: [
    ['Which spans:', [...commonOptions, ...spanOptions]],
    ['Spans of a trace:', traceOptions],
  ],
  results: [['Which results:', resultOptions]],
  logs: [['Which lines:', logOptions]],
  metrics: [['Which metrics:', metricOptions]],
  metricPoints: [['Which points:', pointOptions]],
}

/** Filters of what an entity is related to: which option group it is, and the condition that it becomes. */
const related: { readonly [E in Filtered]?: string } = { traces: 'hasSpan', spans: 'inTrace' }

const contents: { readonly [E in Filtered]?: string } = { traces: ', of the trace or of a span', spans: '' }

/** Adds every filter of an entity to a command. Where several values are given, any of them fits. */
export function withFilters(command: Command, entity: Filtered): Command {
  for (const [title, options] of groups[entity]) {
    for (const option of options) command.addOption(optionOf(option).helpGroup(title))
  }
  const [[title, own]] = groups[entity]
  const ofSpans = contents[entity]
  if (ofSpans !== undefined) {
    command.addOption(new Option('--text <text>', `this text in the input or the output${ofSpans}`).helpGroup(title))
  }
  command.addOption(
    new Option('--filter <json>', 'the library\'s filter, with and, or, not: {"not":{"name":"chat"}}')
      .argParser(readFilter)
      .helpGroup(title),
  )
  return own.some(({ isHidden }) => isHidden)
    ? command.addHelpText('after', '\nFor each --min-… there is a --max-…, and for each --…-since an --…-until.')
    : command
}

/**
 * The filter that the options of a command ask for.
 *
 * @param more conditions beside those of the options
 */
export function filterOf<E extends Filtered>(entity: E, options: object, more: FilterOf[E] = {}): FilterOf[E] {
  const [[, own], [, others] = ['', []]] = groups[entity]
  const other = partsOf(others, options)
  const condition = related[entity]
  const parts = [
    ...partsOf(own, options),
    ...(other.length > 0 && condition !== undefined ? [{ [condition]: all(other) }] : []),
    ...extraParts(entity, options),
    ...(Object.values(more).some((wanted) => wanted !== undefined) ? [more as FilterPart] : []),
  ]
  return all(parts) as FilterOf[E]
}

const givenAs = (options: object, name: string) => (options as Record<string, unknown>)[name]

function partsOf(known: readonly FilterOption[], options: object): FilterPart[] {
  return known.flatMap((one) => {
    const value = givenAs(options, optionOf(one).attributeName())
    return value === undefined ? [] : [one.part(value as never)]
  })
}

function extraParts(entity: Filtered, options: object): FilterPart[] {
  const { text, filter } = options as { text?: string; filter?: FilterPart }
  return [...(text === undefined ? [] : [textPart(entity, text)]), ...(filter === undefined ? [] : [{ and: [filter] }])]
}

function textPart(entity: Filtered, contains: string): FilterPart {
  const here = [{ input: { contains } }, { output: { contains } }]
  return { or: entity === 'traces' ? [...here, { hasSpan: { or: here } }] : here }
}

/** All parts must hold. Times stay at the top, where analytics look for them. */
function all(parts: readonly FilterPart[]): FilterPart {
  const merged: Record<string, unknown> = {}
  const others: FilterPart[] = []
  for (const part of parts) {
    if (Object.keys(part).some((key) => Object.hasOwn(merged, key))) others.push(part)
    else Object.assign(merged, part)
  }
  return others.length === 0 ? merged : { and: [merged, ...others], ...timesOf(merged) }
}

const timesOf = ({ since, until }: Record<string, unknown>) => ({ since, until })

function readFilter(written: string): FilterPart {
  try {
    const filter: unknown = JSON.parse(written)
    if (typeof filter === 'object' && filter !== null && !Array.isArray(filter)) return filter as FilterPart
  } catch {
    // Reported below.
  }
  throw new InvalidArgumentError('It must be a JSON object, such as {"or":[{"name":"a"},{"name":"b"}]}.')
}
