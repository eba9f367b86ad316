import { type AcceptedRow, columnSpecs, type Value } from './accepted-row.ts'

/** The columns that the author of a trace sets; all others are derived from these and from the spans. */
export const authorColumns = [
  'tags',
  'metadata',
  'resource',
  'input',
  'output',
  'authored',
  'authored_stamps',
  'document',
  'written_at',
] as const

/** A trace row without an author, before its spans are counted. Any author's stamp is higher. */
export function emptyTrace(projectId: string, traceId: string): AcceptedRow {
  const values = columnSpecs.traces.map(({ key, type, notNull }): Value => {
    if (key === 'projectId') return projectId
    if (key === 'traceId') return traceId
    if (key === 'status') return 'unset'
    return notNull && type !== 'json' ? 0 : null
  })
  return { values, bytes: 0 }
}
