import { isGroup } from './compile.ts'
import { instructionsName } from './generic.ts'
import type { ContentSource, Source } from './profile.ts'
import { profiles } from './registry.ts'

const contentOf = (source: ContentSource): readonly string[] => {
  if (typeof source === 'string') return [source]
  if (isGroup(source)) return source
  return 'numbered' in source ? [source.numbered] : []
}

/** Every attribute that holds what went into a span or came out of it, whatever wrote it. */
export const contentNames: readonly string[] = [
  ...new Set([
    instructionsName,
    ...profiles.flatMap(({ input = [], output = [] }) => [...input, ...output].flatMap(contentOf)),
  ]),
]

const columnSources = (value: Source | readonly Source[]): readonly Source[] =>
  Array.isArray(value) ? value : [value as Source]

/** Every attribute that a column or a kind is read from, but for those that are named by a beginning or a number. */
export const columnNames: readonly string[] = [
  ...new Set(
    profiles.flatMap(({ columns, kinds = [] }) => [
      ...Object.values(columns)
        .flatMap(columnSources)
        .flatMap((source) => (typeof source === 'string' ? [source] : 'from' in source ? [source.from] : []))
        .filter((name) => !name.includes('*')),
      ...kinds.flatMap((rule) => ('attribute' in rule ? [rule.attribute] : [])),
    ]),
  ),
]
