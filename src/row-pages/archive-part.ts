import { constants } from 'node:buffer'
import { createHash, type Hash } from 'node:crypto'
import { z } from 'zod'
import { FormatError } from '../errors.ts'
import { readLines } from '../formats/read-lines.ts'
import { type AcceptedRow, type Entity, entities } from '../rows/accepted-row.ts'
import { canonicalRow, lineOf, rowOfLine } from './archive-line.ts'

/** What the rows of a part are: those of whole traces, or such as stand alone. */
export const archivedKinds = ['traces', 'results', 'metricPoints', 'logs'] as const
export type ArchivedKind = (typeof archivedKinds)[number]

const headerSchema = z.object({
  tracehold: z.literal('archive'),
  version: z.literal(1),
  projectId: z.string(),
  of: z.enum(archivedKinds),
  /** When it was written, in row format. */
  madeAt: z.string(),
  /** What the database is called, in short; null where nothing certain is known. */
  database: z.string().nullable(),
  /** What belongs to its rows and is not in the part was stored from this transaction on. */
  stored: z.object({ horizon: z.number(), history: z.string() }),
})

/** The first line of a part. */
export type ArchiveHeader = z.infer<typeof headerSchema>

const endSchema = z.object({ end: z.object({ rows: z.record(z.string(), z.number()), sha256: z.string() }) })

/** How the text of every archive begins. */
export const archiveStart = '{"tracehold":"archive"'

/** How many rows of each table there are. */
export type ArchivedRows = Readonly<Record<Entity, number>>

/** What a part holds: how many rows, and the digest of their values. */
export interface PartSum {
  readonly rows: ArchivedRows
  readonly sha256: string
}

/** Counts rows and digests their values. */
class Summing {
  readonly #rows = Object.fromEntries(entities.map((entity) => [entity, 0])) as Record<Entity, number>
  readonly #hash: Hash = createHash('sha256')

  add(entity: Entity, { values }: AcceptedRow): void {
    this.#rows[entity] += 1
    this.#hash.update(`${JSON.stringify(values.slice(1))}\n`)
  }

  end(): PartSum {
    return { rows: { ...this.#rows }, sha256: this.#hash.digest('hex') }
  }
}

/** Rows of a table, as they are read. */
export interface ArchivedPage {
  readonly entity: Entity
  readonly rows: readonly AcceptedRow[]
}

/**
 * The text of a part: its header, a line for each row, and a last line that says what should be there.
 *
 * @param onEnd called with what was written
 */
export async function* textOfPart(
  header: ArchiveHeader,
  pages: AsyncIterable<ArchivedPage>,
  onEnd: (sum: PartSum) => void,
): AsyncGenerator<string, void, undefined> {
  const summing = new Summing()
  yield `${JSON.stringify(header)}\n`
  for await (const { entity, rows } of pages) {
    const lines: string[] = []
    for (const row of rows) {
      const canonical = canonicalRow(entity, row)
      summing.add(entity, canonical)
      lines.push(lineOf(entity, canonical))
    }
    if (lines.length > 0) yield `${lines.join('\n')}\n`
  }
  const sum = summing.end()
  onEnd(sum)
  yield `${JSON.stringify({ end: sum })}\n`
}

/** What comes of the text of an archive: where a part begins, a row, what is wrong with a line, or that a part is whole. */
export type ReadOfArchive =
  | { readonly line: number; readonly header: ArchiveHeader }
  | { readonly line: number; readonly entity: Entity; readonly row: AcceptedRow }
  | { readonly line: number; readonly fault: string }
  | { readonly line: number; readonly whole: PartSum }

/**
 * Reads the text of one part or of several one after the other, in the memory of one line.
 *
 * @param projectId whose rows they become. @default the project that they were written from
 * @param longest characters that a line may have
 * @throws FormatError where a part is cut, of another version, or not what its last line says; everything before is handed
 *   out
 */
export async function* readArchive(
  text: AsyncIterable<Uint8Array | string>,
  projectId?: string,
  longest: number = constants.MAX_STRING_LENGTH,
): AsyncGenerator<ReadOfArchive, void, undefined> {
  let header: ArchiveHeader | undefined
  let summing = new Summing()
  let hasFaults = false
  for await (const lines of readLines(text, longest)) {
    for (const { number: line, text: content } of lines) {
      if (content === '') continue
      const document = parsed(content)
      if (header === undefined) {
        header = headerOf(document, line)
        summing = new Summing()
        hasFaults = false
        yield { line, header }
        continue
      }
      const end = endSchema.safeParse(document).data?.end
      if (end === undefined) {
        const read = readRow(document, projectId ?? header.projectId)
        if ('fault' in read) hasFaults = true
        else summing.add(read.entity, read.row)
        yield { line, ...read }
        continue
      }
      const whole = summing.end()
      if (whole.sha256 !== end.sha256 && !hasFaults) {
        throw new FormatError(`The part that ends in line ${line} does not hold what it should: it was changed`)
      }
      yield { line, whole }
      header = undefined
    }
  }
  if (header !== undefined) throw new FormatError('The archive is cut: its last line is missing')
}

function headerOf(document: unknown, line: number): ArchiveHeader {
  const header = headerSchema.safeParse(document).data
  if (header !== undefined) return header
  throw new FormatError(`Line ${line} does not begin an archive that this version of tracehold reads`)
}

function readRow(document: unknown, projectId: string): ReturnType<typeof rowOfLine> | { fault: string } {
  try {
    return rowOfLine(document, projectId)
  } catch (error) {
    if (error instanceof FormatError) return { fault: error.message }
    throw error
  }
}

/** The value of a line; undefined where it is none. */
function parsed(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}
