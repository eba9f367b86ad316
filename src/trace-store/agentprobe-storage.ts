import { and, desc, eq, isNotNull, type SQL } from 'drizzle-orm'
import { microsFromIso } from '../../schema/time.ts'
import { now } from '../clock.ts'
import { storageError } from '../driver-errors/storage-error.ts'
import { BatchError, ValidationError } from '../errors.ts'
import { agentTraceIn } from '../formats/agentprobe/agent-trace.ts'
import { agentprobeOf } from '../formats/agentprobe/from-agent-trace.ts'
import { pointOfAgentprobe } from '../formats/agentprobe/metrics.ts'
import { resultOfAgentprobe } from '../formats/agentprobe/results.ts'
import { runOfAgentprobe } from '../formats/agentprobe/run.ts'
import {
  type AgentprobeTrace,
  checkedAgentprobeTrace,
  readAgentprobeTrace,
  writeAgentprobeTrace,
} from '../formats/agentprobe/trace-document.ts'
import { readExact } from '../formats/exact-json/read.ts'
import { writeExact } from '../formats/exact-json/write.ts'
import { agentTraceOfRows } from '../formats/selectools/from-rows.ts'
import { requiredObject, ShapeError } from '../formats/shape-error.ts'
import { fromColumn, sourceOf } from '../formats/stored-document.ts'
import { checkedLimit } from '../repositories/page.ts'
import type { Store } from '../store/store.ts'
import { safeText } from '../text/safe-json.ts'

/** A test result as agentprobe keeps it. Members that are not named here are kept as well. */
export interface AgentprobeResult {
  result_id: string
  test_name: string
  status: 'pending' | 'running' | 'passed' | 'failed' | 'error' | 'skipped' | 'timeout'
  /** 0 to 1. */
  score?: number | null | undefined
  duration_ms?: number | null | undefined
  trace?: AgentprobeTrace | null | undefined
  eval_results?: readonly object[] | null | undefined
  assertion_results?: readonly object[] | null | undefined
  error_message?: string | null | undefined
  created_at?: string | undefined
  [member: string]: unknown
}

/** A value of a metric as agentprobe keeps it. Members that are not named here are kept as well. */
export interface AgentprobeMetricValue {
  metric_name: string
  value: number
  tags?: readonly string[] | undefined
  metadata?: Record<string, unknown> | undefined
  timestamp?: string | undefined
  [member: string]: unknown
}

/**
 * agentprobe's storage on any tracehold store: its nine methods, which take and return whole documents. What a document
 * holds is found in lists, waterfalls, results and metrics as well.
 *
 * @example
 * const storage = new AgentprobeStorage(await openStore('sqlite:traces.db', { migrate: true }))
 * await storage.saveTrace(trace)
 * const latest = await storage.listTraces('airline', 10)
 */
export class AgentprobeStorage {
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  /** Makes the tables, or brings them up to date. Safe to call again. */
  async setup(): Promise<void> {
    await this.#store.migrate()
  }

  /** Saves a trace, and replaces one with its id. @throws ValidationError when it is none; FormatError when it is too deep */
  async saveTrace(trace: AgentprobeTrace): Promise<void> {
    const run = runOfAgentprobe(checkedAgentprobeTrace(trace), writeAgentprobeTrace(trace), microsFromIso(now()))
    await refusing('trace', () => this.#store.writers.runs.save([run], { source: sourceOf('agentprobe') }))
  }

  /** A trace, or undefined when there is none. One of another source is made from its spans. */
  async loadTrace(traceId: string): Promise<AgentprobeTrace | undefined> {
    const { traces } = this.#store.tables
    const [trace] = await this.#traces(eq(traces.traceId, safeText(traceId)), 1)
    return trace
  }

  /**
   * Traces, newest first.
   *
   * @param agentName only those of this agent; an empty name is no filter
   * @param limit 1 to 1000. @default 100
   */
  listTraces(agentName?: string | null, limit = 100): Promise<AgentprobeTrace[]> {
    const { traces } = this.#store.tables
    return this.#traces(agentName ? eq(traces.agentName, safeText(agentName)) : undefined, checkedLimit(limit))
  }

  /**
   * Saves a result, and replaces one with its id. A trace that it embeds is saved as a trace too.
   *
   * @throws ValidationError when it is none; FormatError when it is nested too deeply
   */
  async saveResult(result: AgentprobeResult): Promise<void> {
    const { trace } = result
    const row = fitting('result', () => resultOfAgentprobe(requiredObject(result, ''), writeExact(result)))
    if (trace) await this.saveTrace(trace)
    await refusing('result', () => this.#store.writers.results.write(row))
  }

  /** A result, or undefined when there is none. */
  async loadResult(resultId: string): Promise<AgentprobeResult | undefined> {
    const { results } = this.#store.tables
    const [result] = await this.#results(eq(results.resultId, safeText(resultId)), 1)
    return result
  }

  /**
   * Results, newest first.
   *
   * @param testName only those of this test; an empty name is no filter
   * @param limit 1 to 1000. @default 100
   */
  loadResults(testName?: string | null, limit = 100): Promise<AgentprobeResult[]> {
    const { results } = this.#store.tables
    return this.#results(testName ? eq(results.name, safeText(testName)) : undefined, checkedLimit(limit))
  }

  /**
   * Saves values of metrics, all or none: when one is not acceptable, none is saved. Two equal values are two.
   *
   * @throws ValidationError when one is none; FormatError when one is nested too deeply
   */
  async saveMetrics(values: readonly AgentprobeMetricValue[]): Promise<void> {
    const points = values.map((value, i) =>
      fitting(`metric ${i}`, () => pointOfAgentprobe(requiredObject(value, ''), writeExact(value))),
    )
    if (points.length > 0) await refusing('metric', () => this.#store.writers.metricPoints.write(points))
  }

  /**
   * Values of metrics, newest first.
   *
   * @param metricName only those of this metric; an empty name is no filter
   * @param limit 1 to 1000. @default 1000
   */
  async loadMetrics(metricName?: string | null, limit = 1000): Promise<AgentprobeMetricValue[]> {
    const { metricPoints: points } = this.#store.tables
    const rows = await this.#run('load metrics', () =>
      this.#store.db
        .select({ document: points.document })
        .from(points)
        .where(
          and(
            eq(points.projectId, this.#store.projectId),
            isNotNull(points.document),
            metricName ? eq(points.metricName, safeText(metricName)) : undefined,
          ),
        )
        .orderBy(desc(points.time), desc(points.pointId))
        .limit(checkedLimit(limit)),
    )
    return documentsIn<AgentprobeMetricValue>(rows)
  }

  async #traces(condition: SQL | undefined, limit: number): Promise<AgentprobeTrace[]> {
    const { traces } = this.#store.tables
    const rows = await this.#run('load traces', () =>
      this.#store.db
        .select({ traceId: traces.traceId, createdAt: traces.createdAt, document: traces.document })
        .from(traces)
        .where(and(eq(traces.projectId, this.#store.projectId), condition))
        .orderBy(desc(traces.createdAt), desc(traces.traceId))
        .limit(limit),
    )
    const loaded = await Promise.all(rows.map((row) => this.#traceOf(row)))
    return loaded.filter((trace) => trace !== undefined)
  }

  async #traceOf(row: { traceId: string; createdAt: string; document: string | null }) {
    const stored = fromColumn(row.document)
    if (stored?.format === 'agentprobe') return readAgentprobeTrace(stored.text)
    const savedMicros = microsFromIso(row.createdAt)
    if (stored) return agentprobeOf(agentTraceIn(stored), savedMicros)
    const trace = await this.#store.traces.get(row.traceId)
    return trace && { ...agentprobeOf(agentTraceOfRows(trace), savedMicros), agent_name: trace.agentName ?? 'agent' }
  }

  async #results(condition: SQL | undefined, limit: number): Promise<AgentprobeResult[]> {
    const { results } = this.#store.tables
    const rows = await this.#run('load results', () =>
      this.#store.db
        .select({ document: results.document })
        .from(results)
        .where(and(eq(results.projectId, this.#store.projectId), isNotNull(results.document), condition))
        .orderBy(desc(results.time), desc(results.resultId))
        .limit(limit),
    )
    return documentsIn<AgentprobeResult>(rows)
  }

  async #run<T>(during: string, query: () => PromiseLike<T>): Promise<T> {
    try {
      return await query()
    } catch (error) {
      throw storageError(error, during)
    }
  }
}

/** The documents that rows were saved as. They were checked then. */
const documentsIn = <T>(rows: readonly { document: string | null }[]): T[] =>
  rows
    .map(({ document }) => fromColumn(document))
    .filter((stored) => stored?.format === 'agentprobe')
    .map((stored) => readExact(stored?.text ?? 'null') as T)

/** What is wrong with a document as a ValidationError. */
function fitting<T>(what: string, convert: () => T): T {
  try {
    return convert()
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error
    throw new ValidationError(`Invalid ${what}`, [{ field: error.path || what, message: error.reason }])
  }
}

async function refusing(what: string, write: () => Promise<unknown>): Promise<void> {
  try {
    await write()
  } catch (error) {
    const [refused] = error instanceof BatchError ? error.rejected : []
    if (!refused) throw error
    throw new ValidationError(`The ${what} could not be saved`, [{ field: what, message: refused.message }])
  }
}
