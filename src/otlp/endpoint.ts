import { StorageError, ValidationError } from '../errors.ts'
import type { Signal } from '../formats/otlp/protobuf/decode.ts'
import type { ReadResult, Rejection } from '../formats/read-result.ts'
import { ingest, type RejectedRecord } from '../ingest/ingest.ts'
import type { Store } from '../store/store.ts'
import { withoutUndefined } from '../without-undefined.ts'
import { refusedAnswer, storedAnswer } from './answer.ts'
import { corsHeaders, preflight } from './cors.ts'
import { decompress, isStillEncoded } from './decompress.ts'
import type { Answer, Incoming } from './incoming.ts'
import { leftOutOf, tableOf } from './left-out.ts'
import { jsonType, type MediaType, mediaTypeOf } from './media-type.ts'
import { type OtlpHandlerOptions, type OtlpRequestReport, type OtlpSettings, otlpDefaults } from './options.ts'
import { PendingBytes, Reservation } from './pending-bytes.ts'
import { readBody } from './read-body.ts'
import { readRequest, recordsOf } from './read-request.ts'
import { Refusal } from './refusal.ts'

const paths: Readonly<Record<string, Signal>> = { '/v1/traces': 'traces', '/v1/logs': 'logs', '/v1/metrics': 'metrics' }

/** The signal that a path ends with: an app may have the endpoint below a path of its own. */
export const signalOf = (path: string): Signal | undefined => paths[/\/v1\/[a-z]+$/.exec(path)?.[0] ?? '']

/** What is reported of a request, while it is answered. */
type Report = { -readonly [K in keyof OtlpRequestReport]: OtlpRequestReport[K] }

/** A request that is being stored. */
interface Storing {
  /** Spans, log records or points that were read. */
  readonly records: number
  readonly unread: readonly Rejection[]
  /** What the store refuses; it resolves when all else is committed. */
  readonly refused: Promise<readonly RejectedRecord[]>
}

/** Answers OTLP requests, whatever server they come to: what is answered with 200 is stored. */
export class Endpoint {
  readonly #store: Store
  readonly #settings: OtlpSettings
  readonly #pending: PendingBytes

  constructor(store: Store, options: OtlpHandlerOptions = {}) {
    this.#store = store
    this.#settings = { ...otlpDefaults, ...withoutUndefined(options) }
    // Otherwise the largest body would never be taken.
    const { maxPendingBytes, maxBytes } = this.#settings
    this.#pending = new PendingBytes(Math.max(maxPendingBytes, 2 * maxBytes))
  }

  /** Bytes of bodies that are read or wait for the database. */
  get pendingBytes(): number {
    return this.#pending.bytes
  }

  /** Answers a request. It never throws. */
  async handle(incoming: Incoming): Promise<Answer> {
    const startMs = performance.now()
    const { method, path } = incoming
    const none = { status: 500, projectId: undefined, bytes: 0, records: 0, rejected: 0, message: undefined }
    const report: Report = { signal: signalOf(path), method, path, client: incoming.client, durationMs: 0, ...none }
    const cors = corsHeaders(incoming, this.#settings.cors)
    const answer = await this.#answer(incoming, report, cors)
    report.status = answer.status
    report.durationMs = performance.now() - startMs
    this.#tell(report)
    return { ...answer, headers: { ...cors, ...answer.headers } }
  }

  async #answer(incoming: Incoming, report: Report, cors: Record<string, string>): Promise<Answer> {
    let type = jsonType
    try {
      const signal = report.signal
      if (signal === undefined) throw new Refusal(404, `There is only ${Object.keys(paths).join(', ')}.`)
      if (incoming.method === 'OPTIONS' && this.#settings.cors !== undefined) return preflight(incoming, cors)
      if (incoming.method !== 'POST') throw new Refusal(405, 'OTLP is sent by POST.', { allow: 'POST' })
      type = mediaTypeOf(incoming.header('content-type'))
      await this.#authorize(incoming)
      const store = await this.#storeOf(incoming)
      report.projectId = store.projectId
      return await this.#take(signal, type, incoming, store, report)
    } catch (error) {
      const refusal = error instanceof Refusal ? error : new Refusal(500, 'The request could not be answered.')
      report.message = refusal.message
      if (!(error instanceof Refusal))
        warn(`An OTLP request failed: ${error instanceof Error ? error.name : 'unknown'}`)
      return refusedAnswer(type, refusal)
    }
  }

  async #authorize(incoming: Incoming): Promise<void> {
    const { authorize } = this.#settings
    if (authorize === undefined) return
    const verdict = await orLater('authorize', () => authorize(incoming.request()))
    if (verdict === true) return
    if (verdict === 403) throw new Refusal(403, 'This sender may not write here.')
    throw new Refusal(401, 'The request has no valid authorization.', { 'www-authenticate': 'Bearer' })
  }

  async #storeOf(incoming: Incoming): Promise<Store> {
    const { project } = this.#settings
    if (project === undefined) return this.#store
    const given =
      typeof project === 'function'
        ? await orLater('project', () => project(incoming.request()))
        : incoming.header(project.header)
    if (given === undefined) return this.#store
    try {
      return this.#store.forProject(given)
    } catch (error) {
      if (!(error instanceof ValidationError)) throw error
      throw new Refusal(400, 'The request names no valid project.')
    }
  }

  async #take(signal: Signal, type: MediaType, incoming: Incoming, store: Store, report: Report): Promise<Answer> {
    const reservation = new Reservation(this.#pending)
    let storing: Storing | undefined
    try {
      storing = await this.#begin(signal, incoming, type, { store, reservation, report })
      const refused = await this.#committed(storing.refused)
      // A writer that drops rows while its queue is full has not judged them.
      if (refused.some(({ code }) => code === 'pool')) throw Refusal.later(429, 'The queue is full. Send it again.', 1)
      const leftOut = leftOutOf(signal, storing.unread, refused)
      report.records = storing.records - refused.filter(({ table }) => table === tableOf[signal]).length
      report.rejected = leftOut.rejected
      report.message = leftOut.message || undefined
      return storedAnswer(signal, type, leftOut)
    } finally {
      // Rows that wait for the database take memory, also where nobody waits for their answer any more.
      const free = () => reservation.free()
      if (storing === undefined) free()
      else storing.refused.then(free, free)
    }
  }

  /** Reads a request and hands it to the writers. Nothing else holds its records then. */
  async #begin(
    signal: Signal,
    incoming: Incoming,
    type: MediaType,
    { store, reservation, report }: { store: Store; reservation: Reservation; report: Report },
  ): Promise<Storing> {
    const result = await this.#read(signal, type, incoming, reservation, report)
    return { records: result[tableOf[signal]].length, unread: result.rejected, refused: ingest(store, result) }
  }

  async #read(signal: Signal, type: MediaType, incoming: Incoming, reservation: Reservation, report: Report) {
    const result = await this.#records(signal, type, incoming, reservation, report)
    reservation.take(countOf(result) * bytesOfRecord)
    return result
  }

  async #records(signal: Signal, type: MediaType, incoming: Incoming, reservation: Reservation, report: Report) {
    const { maxBytes: most, bodyTimeoutMs: timeoutMs } = this.#settings
    const { body } = incoming
    if ('json' in body) return recordsOf(signal, body.json)
    const announced = incoming.header('content-length')
    const isWhole = body instanceof Uint8Array
    const sent = isWhole ? body : await readBody(body, announced, { most, timeoutMs, reservation })
    report.bytes = sent.length
    const encoding = incoming.header('content-encoding') ?? ''
    // A parser before us may have decompressed what it read.
    if (isWhole && !isStillEncoded(sent, encoding)) return readRequest(signal, type, sent)
    const bytes = await decompress(sent, encoding, { most, take: (size) => reservation.take(size) })
    return readRequest(signal, type, bytes)
  }

  /** @throws Refusal with 503 where the database is away: the sender is to try again */
  async #committed<T>(storing: Promise<T>): Promise<T> {
    const { commitTimeoutMs } = this.#settings
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      const refusal = Refusal.later(503, 'The database does not answer. Send it again: nothing is stored twice.', 5)
      timer = setTimeout(() => reject(refusal), commitTimeoutMs)
    })
    try {
      return await Promise.race([storing, late])
    } catch (error) {
      if (!(error instanceof StorageError)) throw error
      throw Refusal.later(503, 'The database did not store it. Send it again: nothing is stored twice.', 5)
    } finally {
      clearTimeout(timer)
    }
  }

  #tell(report: OtlpRequestReport): void {
    try {
      this.#settings.onRequest?.(report)
    } catch (error) {
      warn(`onRequest of the OTLP endpoint failed: ${error instanceof Error ? error.message : 'unknown'}`)
    }
  }
}

/** Bytes of heap that a row takes beside its texts. */
const bytesOfRecord = 1024

function countOf({ traces, spans, events, results, metrics, metricPoints, logs, derived = [] }: ReadResult): number {
  const lists = [traces, spans, events, results, metrics, metricPoints, logs, derived]
  return lists.reduce((sum, { length }) => sum + length, 0)
}

/** What a function of the program says. One that throws has not judged the request, which is to come again. */
async function orLater<T>(name: string, ask: () => T | Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    warn(`${name} of the OTLP endpoint failed: ${error instanceof Error ? error.message : 'unknown'}`)
    throw Refusal.later(503, 'It cannot be told now who may write. Send it again.', 5)
  }
}

const warn = (message: string) => process.emitWarning(message, 'TraceholdWarning')
