import { ValidationError } from '../errors.ts'
import { agentTraceOf } from '../formats/agentprobe/agent-trace.ts'
import { agentprobeOf } from '../formats/agentprobe/from-agent-trace.ts'
import { isAgentprobeTrace } from '../formats/agentprobe/read.ts'
import { microsOf } from '../formats/agentprobe/run.ts'
import {
  checkedAgentprobeTrace,
  readAgentprobeTrace,
  writeAgentprobeTrace,
} from '../formats/agentprobe/trace-document.ts'
import { writeExact } from '../formats/exact-json/write.ts'
import { readDocuments } from '../formats/read-documents.ts'
import { type AgentTrace, readDocument } from '../formats/selectools/document.ts'
import { isSelectools } from '../formats/selectools/read.ts'
import { fromLine, type SavedTrace, toSaved } from '../formats/selectools/saved-trace.ts'
import { unreadable } from '../formats/unreadable.ts'
import type { TraceArchive } from './archive.ts'
import type { TraceFilter, TraceStore } from './trace-store.ts'

/** What an import into a trace store brought. */
export interface TraceImport {
  /** Traces saved. */
  readonly traces: number
  /** Documents left out, by the line on which they begin. */
  readonly rejected: readonly { readonly line: number; readonly message: string }[]
}

/**
 * Reads lines of selectools' trace store and trace documents of agentprobe into a trace store. Our own stores keep the
 * time of saving that a document names; another store saves the trace as of now.
 *
 * @param source UTF-8 text: JSON Lines, or JSON values
 */
export async function importTraces(
  store: TraceStore,
  source: AsyncIterable<Uint8Array | string>,
): Promise<TraceImport> {
  let traces = 0
  const rejected: { line: number; message: string }[] = []
  for await (const { line, document, text, error } of readDocuments(source)) {
    try {
      if (error) throw error
      await keep(store, document, text)
      traces += 1
    } catch (thrown) {
      if (
        !(thrown instanceof Error && 'code' in thrown && ['validation', 'serialization'].includes(String(thrown.code)))
      )
        throw thrown
      rejected.push({ line, message: thrown.message })
    }
  }
  return { traces, rejected }
}

async function keep(store: TraceStore, document: unknown, text: string): Promise<void> {
  const saved = readAsSaved(document, text)
  if (isArchive(store)) await store.restore(saved)
  else await store.save(fromLine(saved.line).trace)
}

function readAsSaved(document: unknown, text: string): SavedTrace {
  try {
    return savedOf(document, text)
  } catch (error) {
    throw unreadable(error)
  }
}

function savedOf(document: unknown, text: string): SavedTrace {
  if (isSelectools(document)) {
    if ('trace' in document) return fromLine(/[\r\n]/.test(text) ? writeExact(readDocument(text)) : text).saved
    return toSaved(readDocument(text) as AgentTrace)
  }
  if (isAgentprobeTrace(document)) {
    const trace = checkedAgentprobeTrace(document)
    const exact = readAgentprobeTrace(text)
    return toSaved(agentTraceOf(exact), microsOf(trace.created_at))
  }
  throw new ValidationError('Invalid document', [
    { field: 'document', message: 'is no trace of selectools or agentprobe' },
  ])
}

/**
 * The traces of a trace store as lines of JSON, the last saved first.
 *
 * @param format `selectools`: lines of its trace store; `agentprobe`: trace documents. @default 'selectools'
 * @throws ValidationError for another format
 */
export async function* exportTraces(
  store: TraceStore,
  { format = 'selectools', filter = {} }: { format?: 'selectools' | 'agentprobe'; filter?: TraceFilter } = {},
): AsyncGenerator<string, void, undefined> {
  if (format !== 'selectools' && format !== 'agentprobe') {
    throw new ValidationError('Invalid export', [{ field: 'format', message: 'must be selectools or agentprobe' }])
  }
  for await (const saved of isArchive(store) ? store.stream(filter) : streamOf(store, filter)) {
    if (format === 'selectools') yield `${saved.line.trimEnd()}\n`
    else yield `${writeAgentprobeTrace(agentprobeOf(fromLine(saved.line).trace, saved.savedMicros))}\n`
  }
}

async function* streamOf(store: TraceStore, filter: TraceFilter): AsyncGenerator<SavedTrace> {
  for (const { run_id, created_at } of await store.query(filter))
    yield toSaved(await store.load(run_id), microsOf(created_at))
}

/** Whether a trace store reads and writes saved traces unchanged, as ours do. */
const isArchive = (store: TraceStore): store is TraceArchive =>
  'restore' in store && typeof store.restore === 'function' && 'stream' in store && typeof store.stream === 'function'
