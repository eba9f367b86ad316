import { derivedColumns, summedColumns } from '../../schema/traces.ts'
import { type AcceptedRow, columnIndex, stampIndexes, type Value } from './accepted-row.ts'

/** Fields of which the author's value is kept in `authored`, since the spans have a say in the column. */
export const authoredKeys = [...derivedColumns, ...summedColumns, 'createdAt'] as const
/** Fields that are the author's alone: each is a column. */
export const contentKeys = ['tags', 'metadata', 'resource', 'input', 'output', 'document'] as const

export type AuthorField = (typeof authoredKeys)[number] | (typeof contentKeys)[number]
export type ContentKey = (typeof contentKeys)[number]

/** All fields that the author of a trace sets. */
export const authorFields: readonly AuthorField[] = [...authoredKeys, ...contentKeys]

/** What the author of a trace said, apart from its content. */
export interface Authored {
  /** The values of `authoredKeys` that are not null, as they were accepted. */
  readonly fields: Readonly<Record<string, Value>>
  /** The author's last stamp, in microseconds since 1970. */
  readonly writtenAt: number
  /**
   * When each field was said. Fields that are not named were said at `base`, or never, where there is none. Undefined
   * where all fields were said with the last write, also those that are null: by who saves a trace whole.
   */
  readonly stamps?: Stamps | undefined
}

/** Stamps by field, in microseconds since 1970. */
export type Stamps = Readonly<Record<string, number>>

/** What stands for all fields that are not named. */
const base = '*'

/** When a field was said; 0 where it never was. */
export const stampOf = ({ stamps, writtenAt }: Authored, field: string): number =>
  stamps ? (stamps[field] ?? stamps[base] ?? 0) : writtenAt

/** What two writes come to, in whichever order they arrive. */
export interface MergedAuthored {
  readonly authored: Authored
  /** Fields of which the value that came now is the later one. */
  readonly won: ReadonlySet<string>
}

/** Puts what the author says now beside what was said before: of each field the later stays, of equal stamps `now`. */
export function mergeAuthored(before: Authored | undefined, now: Authored): MergedAuthored {
  const won = new Set<string>(
    authorFields.filter(
      (field) => stampOf(now, field) > 0 && stampOf(now, field) >= (before ? stampOf(before, field) : 0),
    ),
  )
  if (!before || (!now.stamps && won.size === authorFields.length)) return { authored: now, won }
  const fields: Record<string, Value> = {}
  for (const key of authoredKeys) {
    const value = (won.has(key) ? now : before).fields[key] ?? null
    if (value !== null) fields[key] = value
  }
  const writtenAt = Math.max(before.writtenAt, now.writtenAt)
  return { authored: { fields, writtenAt, stamps: mergedStamps(before, now) }, won }
}

function mergedStamps(before: Authored, now: Authored): Stamps {
  const baseOf = ({ stamps, writtenAt }: Authored) => (stamps ? (stamps[base] ?? 0) : writtenAt)
  const common = Math.max(baseOf(before), baseOf(now))
  const stamps: Record<string, number> = common > 0 ? { [base]: common } : {}
  for (const field of authorFields) {
    const stamp = Math.max(stampOf(before, field), stampOf(now, field))
    if (stamp > common) stamps[field] = stamp
  }
  return stamps
}

const authoredIndex = columnIndex('traces', 'authored')
const stampsIndex = columnIndex('traces', 'authoredStamps')
const contentIndexes = contentKeys.map((key) => [key, columnIndex('traces', key)] as const)

type AuthorValues = { readonly values: readonly Value[] }

/** What the row of a trace that its author wrote says. */
export const authoredOfRow = ({ values }: AuthorValues): Authored =>
  authoredOfTexts(
    (values[authoredIndex] ?? null) as string | null,
    (values[stampsIndex] ?? null) as string | null,
    values[stampIndexes.traces] as number,
  ) ?? { fields: {}, writtenAt: values[stampIndexes.traces] as number }

/** What an author said, from the columns that it is kept in; undefined where nobody wrote the trace. */
export const authoredOfTexts = (
  authored: string | null,
  stamps: string | null,
  writtenAt: number,
): Authored | undefined =>
  authored === null
    ? undefined
    : {
        fields: JSON.parse(authored) as Authored['fields'],
        writtenAt,
        stamps: stamps === null ? undefined : (JSON.parse(stamps) as Stamps),
      }

/** The content that a trace's row brings. */
export const contentOfRow = ({ values }: AuthorValues): Record<ContentKey, Value> =>
  Object.fromEntries(contentIndexes.map(([key, index]) => [key, values[index] ?? null])) as Record<ContentKey, Value>

/** Makes the row of a trace one that says only some fields: those that the writer was given, null among them. */
export function sayingOnly(row: AcceptedRow, isSaid: (field: AuthorField) => boolean): AcceptedRow {
  const said = authorFields.filter(isSaid)
  if (said.length === authorFields.length) return row
  const stamp = row.values[stampIndexes.traces] as number
  const text = JSON.stringify(Object.fromEntries(said.map((field) => [field, stamp])))
  return { values: row.values.with(stampsIndex, text), bytes: row.bytes + text.length }
}

/** Makes the row of a trace one that says all fields as of its last stamp: it replaces what is older. */
export const sayingAll = (row: AcceptedRow): AcceptedRow => ({ ...row, values: row.values.with(stampsIndex, null) })

/** A record that names every field of its author: what it does not say is null, and replaces what was said. */
export const wholeTrace = <Record extends object>(record: Record): Record => ({
  ...record,
  ...Object.fromEntries(authorFields.map((field) => [field, (record as Partial<Stamped>)[field] ?? null])),
})

type Stamped = { readonly [Field in AuthorField]: unknown }
