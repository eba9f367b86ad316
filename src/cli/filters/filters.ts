import { type Command, InvalidArgumentError, Option } from 'commander'
import type { SpanFilter, TraceFilter } from '../../repositories/entities/traces-and-spans.ts'
import { type FilterOption, type FilterPart, optionOf } from './filter-option.ts'
import { commonOptions, spanOptions, traceOptions } from './options.ts'

type Filtered = 'traces' | 'spans'

const groups: Readonly<Record<Filtered, readonly (readonly [title: string, options: readonly FilterOption[]])[]>> = {
  traces: [
    ['Which traces:', [...commonOptions, ...traceOptions]],
    ['Traces with a span (one that fits them all):', spanOptions],
  ],
  spans: [
    ['Which spans:', [...commonOptions, ...spanOptions]],
    ['Spans of a trace:', traceOptions],
  ],
}

/** Adds every filter of traces, or of spans, to a command. Where several values are given, any of them fits. */
export function withFilters(command: Command, entity: Filtered): Command {
  for (const [title, options] of groups[entity]) {
    for (const option of options) command.addOption(optionOf(option).helpGroup(title))
  }
  const title = groups[entity][0]?.[0] ?? ''
  return command
    .addOption(
      new Option('--text <text>', `this text in the input or the output${ofSpansToo[entity]}`).helpGroup(title),
    )
    .addOption(
      new Option('--filter <json>', 'the library\'s filter, with and, or, not: {"not":{"name":"chat"}}')
        .argParser(readFilter)
        .helpGroup(title),
    )
    .addHelpText('after', `\nFor each --min-… there is a --max-…, and for each --…-since an --…-until.`)
}

const ofSpansToo = { traces: ', of the trace or of a span', spans: '' } as const

/** The traces that the options of a command name. */
export function traceFilterOf(options: object): TraceFilter {
  const span = partsOf(spanOptions, options)
  return all([
    ...partsOf([...commonOptions, ...traceOptions], options),
    ...(span.length > 0 ? [{ hasSpan: all(span) }] : []),
    ...extraParts('traces', options),
  ])
}

/** The spans that the options of a command name. */
export function spanFilterOf(options: object): SpanFilter {
  const trace = partsOf(traceOptions, options)
  return all([
    ...partsOf([...commonOptions, ...spanOptions], options),
    ...(trace.length > 0 ? [{ inTrace: all(trace) }] : []),
    ...extraParts('spans', options),
  ])
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
    // Said below.
  }
  throw new InvalidArgumentError('It must be a JSON object, such as {"or":[{"name":"a"},{"name":"b"}]}.')
}
