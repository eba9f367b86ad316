import type { FileHandle } from 'node:fs/promises'
import { ValidationError } from '../../errors.ts'
import type { AgentTrace } from '../../formats/selectools/document.ts'
import { fromLine, type SavedTrace, toSaved } from '../../formats/selectools/saved-trace.ts'
import { compareUtf8 } from '../../text/compare-utf8.ts'
import { checkedPage, newestFirst, summaryOf, type TraceArchive, traceNotFound } from '../archive.ts'
import { type CheckedFilter, checkedFilter, fits } from '../filter.ts'
import type { TraceFilter, TraceSummary } from '../trace-store.ts'
import type { FileIndex } from './index-file.ts'
import { JsonlFile } from './jsonl-file.ts'
import type { IndexedLine } from './line-index.ts'
import { scanLines } from './scan-lines.ts'

type Loaded = ReturnType<typeof fromLine>

/**
 * Keeps traces in a file of JSON Lines, as selectools writes and reads it. Saving appends a line; the last line of a run
 * counts. An index beside the file (`PATH.index`, made anew whenever it is missing or old) finds a run without reading
 * the others. Any number of processes on one machine may use the file at once.
 *
 * @example
 * const store = new JsonlTraceStore('traces/runs.jsonl')
 * await store.save({ run_id: 'r1', start_time: Date.now() / 1000, steps: [] })
 */
export class JsonlTraceStore implements TraceArchive {
  readonly #file: JsonlFile

  /** @param path the file; it and its folders are made by the first save */
  constructor(path: string) {
    if (typeof path !== 'string' || path === '') {
      throw new ValidationError('Invalid options', [{ field: 'path', message: 'must name a file' }])
    }
    this.#file = new JsonlFile(path)
  }

  async save(trace: AgentTrace): Promise<string> {
    const saved = toSaved(trace)
    await this.#file.append(saved)
    return saved.runId
  }

  async load(runId: string): Promise<AgentTrace> {
    const found = await this.#find(runId)
    if (!found) throw traceNotFound(runId)
    return found.trace
  }

  async list(limit = 50, offset = 0): Promise<TraceSummary[]> {
    checkedPage(limit, offset)
    const page = await this.#file.read(async (file, { lines }) => {
      const { candidates, skip } = pageWithTies([...lines.lines()], limit, offset)
      const loaded = await Promise.all(candidates.map((line) => readLine(file, line)))
      return present(loaded)
        .sort(bySaved)
        .slice(skip, skip + limit)
    })
    return (page ?? []).map(summary)
  }

  async query(filter: TraceFilter): Promise<TraceSummary[]> {
    const checked = checkedFilter(filter)
    const found = await this.#file.read((file, index) => scan(file, index, checked))
    return (found ?? []).sort(newestSummary)
  }

  async delete(runId: string): Promise<boolean> {
    const known = await this.#file.read(async (_, { lines }) => lines.get(runId))
    if (!known) return false
    await this.#file.rewrite((head) => head.runId !== runId)
    return true
  }

  /** Removes the lines of runs that were saved again later, and returns what the file holds then. */
  async compact(): Promise<JsonlStats> {
    await this.#file.rewrite(({ runId }, { offset }, { lines }) => lines.get(runId)?.offset === offset)
    return this.stats()
  }

  /** What the file holds. */
  async stats(): Promise<JsonlStats> {
    const stats = await this.#file.read(async (_, { lines, broken }) => ({ traces: lines.count, brokenLines: broken }))
    return stats ?? { traces: 0, brokenLines: 0 }
  }

  restore(saved: SavedTrace): Promise<void> {
    return this.#file.append(saved)
  }

  async *stream(filter: TraceFilter = {}): AsyncGenerator<SavedTrace> {
    const checked = checkedFilter(filter)
    for await (const loaded of this.#file.readEach(({ lines }) => [...lines.lines()].sort(latestFirst), readLine)) {
      if (loaded && fits(checked, { ...loaded.saved, metadata: loaded.trace.metadata })) yield loaded.saved
    }
  }

  /** A run by its line. Where the line is another's, somebody rewrote the file in place: the index is made anew. */
  async #find(runId: string): Promise<Loaded | undefined> {
    const quickly = await this.#file.readQuickly(runId, readLine)
    if (quickly?.saved.runId === runId) return quickly
    for (let attempt = 0; ; attempt += 1) {
      const [known, loaded] = (await this.#file.read(async (file, { lines }) => {
        const line = lines.get(runId)
        return [line, line && (await readLine(file, line))] as const
      })) ?? [undefined, undefined]
      if (!known || loaded?.saved.runId === runId) return loaded
      if (attempt > 0) return undefined
      this.#file.forgetIndex()
    }
  }
}

/** What a JSONL file holds. */
export interface JsonlStats {
  /** Runs, each counted once. */
  readonly traces: number
  /** Lines that are no saved trace. They are skipped, and kept. */
  readonly brokenLines: number
}

async function readLine(file: FileHandle, { offset, length }: IndexedLine): Promise<Loaded | undefined> {
  const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, offset)
  try {
    return fromLine(buffer.subarray(0, bytesRead).toString())
  } catch {
    return undefined
  }
}

async function scan(file: FileHandle, index: FileIndex, filter: CheckedFilter): Promise<TraceSummary[]> {
  const current = new Set<number>()
  for (const line of index.lines.lines()) if (mayFit(line, filter)) current.add(line.offset)
  const found: TraceSummary[] = []
  const { size } = await file.stat()
  for await (const lines of scanLines(file, 0, size)) {
    for (const { offset, bytes } of lines) {
      if (!current.has(offset)) continue
      const loaded = attempt(bytes.toString())
      if (loaded && fits(filter, { ...loaded.saved, metadata: loaded.trace.metadata })) found.push(summary(loaded))
    }
  }
  return found
}

function attempt(text: string): Loaded | undefined {
  try {
    return fromLine(text)
  } catch {
    return undefined
  }
}

const mayFit = ({ savedMicros }: IndexedLine, { since, until }: CheckedFilter) =>
  (since === undefined || savedMicros >= since) && (until === undefined || savedMicros <= until)

/** The lines of a page, with those around it that were saved at the same time: only their ids tell which come first. */
function pageWithTies(lines: IndexedLine[], limit: number, offset: number) {
  lines.sort(latestFirst)
  let from = Math.min(offset, lines.length)
  let to = Math.min(offset + limit, lines.length)
  const tied = (a: number, b: number) => lines[a]?.savedMicros === lines[b]?.savedMicros
  while (from > 0 && from < lines.length && tied(from - 1, from)) from -= 1
  while (to > 0 && to < lines.length && tied(to - 1, to)) to += 1
  return { candidates: lines.slice(from, to), skip: offset - from }
}

const latestFirst = (a: IndexedLine, b: IndexedLine) => b.savedMicros - a.savedMicros || b.offset - a.offset
const present = <T>(items: readonly (T | undefined)[]): T[] => items.filter((item) => item !== undefined)
const bySaved = (a: Loaded, b: Loaded) => newestFirst(a.saved, b.saved)
const summary = ({ saved, trace }: Loaded): TraceSummary => summaryOf(saved, trace.metadata)

function newestSummary(a: TraceSummary, b: TraceSummary): number {
  if (a.created_at !== b.created_at) return a.created_at < b.created_at ? 1 : -1
  return compareUtf8(b.run_id, a.run_id)
}
