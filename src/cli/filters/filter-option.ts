import { Option } from 'commander'
import type { EntityName, FilterOf } from '../../repositories/entities/entities.ts'
import { parseInstant } from '../instant.ts'
import { pathConditionsOf } from './path-conditions.ts'

/** A part of the library's filter. It is checked there, whoever made it. */
export type FilterPart = Readonly<Record<string, unknown>>

type Field = { [E in EntityName]: keyof FilterOf[E] }[EntityName]

/** A filter as an option of the command. */
export interface FilterOption {
  readonly flags: string
  readonly about: string
  readonly choices?: readonly string[]
  readonly read?: (text: string, before?: never) => unknown
  /** Not shown: it belongs to another one, and the help says so. */
  readonly isHidden?: boolean
  /** The filter that a value of the option asks for. */
  readonly part: (value: never) => FilterPart
}

/** A new option for a command. */
export function optionOf({ flags, about, choices, read, isHidden = false }: FilterOption): Option {
  const option = new Option(flags, about).hideHelp(isHidden)
  if (choices) option.choices(choices)
  return read ? option.argParser(read as (text: string, before: unknown) => unknown) : option
}

/** A column of text: any of several values, `~part` for a part of it, an empty text for none. */
export function text(field: Field, flags: string, about: string): FilterOption {
  return { flags, about, part: (values: readonly string[]) => textPart(field, values) }
}

function textPart(field: Field, values: readonly string[]): FilterPart {
  const isPart = (value: string) => value.startsWith('~')
  const whole = values.filter((value) => !isPart(value)).map((value) => (value === '' ? null : value))
  const any: FilterPart[] = values.filter(isPart).map((value) => ({ [field]: { contains: value.slice(1) } }))
  if (whole.length > 0) any.push({ [field]: whole })
  return any.length === 1 && any[0] ? any[0] : { or: any }
}

/**
 * A column of ids: as `text`, but digits that are written in hexadecimal match in any case, and four or more of them are
 * the beginning of an id, as lists show it. Other ids are taken whole: `run-1` is not `run-10`.
 */
export function id(field: Field, flags: string, about: string): FilterOption {
  return { flags, about, part: (values: readonly string[]) => idPart(field, values) }
}

/** The filter of `id`. */
export function idPart(field: Field, values: readonly string[]): FilterPart {
  const whole = values.flatMap((value) => (isHex(value) ? [...new Set([value, value.toLowerCase()])] : [value]))
  const cut = values.filter((value) => isHex(value) && value.length >= shortestStart && value.length < wholeId)
  if (cut.length === 0) return textPart(field, whole)
  return { or: [textPart(field, whole), ...cut.map((value) => ({ [field]: { startsWith: value.toLowerCase() } }))] }
}

const isHex = (value: string) => /^[0-9a-f]+(?:-[0-9a-f]*)*$/i.test(value)
const shortestStart = 4
/** The digits of a trace's id: nothing follows them. */
const wholeId = 32

/** A column with a closed vocabulary. */
export const words = (field: Field, flags: string, about: string, choices: readonly string[]): FilterOption => ({
  flags,
  about,
  choices,
  part: (values: readonly string[]) => ({ [field]: values }),
})

/** A flag for a condition. */
export const flag = (flags: string, about: string, part: FilterPart): FilterOption => ({
  flags,
  about,
  part: () => part,
})

/** A column of numbers as two options: `--min-NAME`, and `--max-NAME`, which the help names once for all. */
export function range(
  field: Field,
  name: string,
  about: string,
  [placeholder, read]: readonly [placeholder: string, read: (text: string) => number],
): FilterOption[] {
  return [
    {
      flags: `--min-${name} <${placeholder}>`,
      about,
      read,
      part: (gte: number) => ({ [field]: { gte } }),
    },
    {
      flags: `--max-${name} <${placeholder}>`,
      about: '',
      isHidden: true,
      read,
      part: (lte: number) => ({ [field]: { lte } }),
    },
  ]
}

// Commander also hands over the value that the option had before, which is no clock.
const readInstant = (written: string) => parseInstant(written)

/** A column of instants as two options: `--NAME-since`, and `--NAME-until`, which the help names once for all. */
export function times(field: Field, name: string, about: string): FilterOption[] {
  return [
    {
      flags: `--${name}-since <time>`,
      about: `${about} then or later`,
      read: readInstant,
      part: (gte: Date | string) => ({ [field]: { gte } }),
    },
    {
      flags: `--${name}-until <time>`,
      about: '',
      isHidden: true,
      read: readInstant,
      part: (lt: Date | string) => ({ [field]: { lt } }),
    },
  ]
}

/** The start, or when it happened: what lists are ordered by. */
export const starts: readonly FilterOption[] = [
  {
    flags: '--since <time>',
    about: 'then or later: 7d, 24h, 2026-11-01, 2026-11-01T10:30 (local time)',
    read: readInstant,
    part: (since: Date | string) => ({ since }),
  },
  {
    flags: '--until <time>',
    about: 'before then',
    read: readInstant,
    part: (until: Date | string) => ({ until }),
  },
]

/** Values in a document: each argument is a condition, and all must hold. */
export const paths = (field: Field, flags: string, about: string): FilterOption => ({
  flags,
  about,
  read: (written: string, before: readonly FilterPart[] = []) => [...before, ...pathConditionsOf(written)],
  part: (predicates: readonly FilterPart[]) => ({ [field]: predicates }),
})

/** Tags, any of them and all of them. */
export const tags: readonly FilterOption[] = [
  { flags: '--tag <tag...>', about: 'one of these tags', part: (tags: readonly string[]) => ({ tags }) },
  { flags: '--all-tags <tag...>', about: 'all of these tags', part: (all: readonly string[]) => ({ tags: { all } }) },
]
