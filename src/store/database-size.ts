import type { StoredPart } from '../engines/diagnostics.ts'
import type { Pool, ReadOptions } from '../engines/pool.ts'
import { limitedReader } from '../engines/reader.ts'
import { ValidationError } from '../errors.ts'
import { type Largest, type LargestBy, readLargest } from '../repositories/analytics/largest.ts'
import type { SpanFilter } from '../repositories/entities/traces-and-spans.ts'
import { readError, splitReadOptions } from '../repositories/read-options.ts'
import { compareUtf8 } from '../text/compare-utf8.ts'

/** What `size` looks at. The filter is of the spans among which the largest are looked for. */
export type SizeOptions = SpanFilter &
  ReadOptions & {
    /** How many of the largest traces, models and agents, 0 to 1000; 0 reads no spans. @default 5 */
    largest?: number | undefined
  }

/** What takes the room of a database. */
export interface DatabaseSize {
  /** What all projects take on the disk: the sum of the parts and of what is free. */
  readonly bytes: number
  /** What deleted rows left for new ones; null where the engine does not know. */
  readonly freeBytes: number | null
  /** Tables and indexes of all projects, the largest first. */
  readonly parts: readonly StoredPart[]
  /** The traces, models and agents of the project whose spans take most, the largest first. */
  readonly largest: Readonly<Record<LargestBy, readonly Largest[]>>
}

const most = 1000

/** What takes the room of a database, and of a project. */
export async function databaseSize(
  pool: Pool,
  projectId: string,
  { largest: limit = 5, ...options }: SizeOptions = {},
): Promise<DatabaseSize> {
  if (!Number.isInteger(limit) || limit < 0 || limit > most) {
    const message = `must be a whole number from 0 to ${most}`
    throw new ValidationError('Invalid options', [{ field: 'largest', message }])
  }
  const [filter, limits] = splitReadOptions<SpanFilter>(options)
  const scope = { pool: limitedReader(pool, limits), projectId, signal: limits.signal }
  const largestOf = async (by: LargestBy) => (limit === 0 ? [] : readLargest(scope, by, filter, limit))
  try {
    const { parts, freeBytes } = await pool.diagnostics.storedParts(limits)
    const largest = {
      traces: await largestOf('traces'),
      models: await largestOf('models'),
      agents: await largestOf('agents'),
    }
    return {
      bytes: parts.reduce((sum, { bytes }) => sum + bytes, freeBytes ?? 0),
      freeBytes,
      parts: parts.toSorted((a, b) => b.bytes - a.bytes || compareUtf8(a.name, b.name)),
      largest,
    }
  } catch (error) {
    throw readError(error, 'measure the database', limits.signal)
  }
}
