import type { Subscribed } from '../live/subscribe.ts'
import type { FilterOf } from '../repositories/entities/entities.ts'
import type { TextMatch } from '../repositories/filters/match.ts'
import type { Followed } from '../repositories/follow.ts'
import type { LogSummary } from '../repositories/log-rows.ts'
import type { StreamOptions } from '../repositories/page.ts'
import type { ResultSummary } from '../repositories/result-rows.ts'
import type { SpanSummary } from '../repositories/span-rows.ts'
import type { TraceSummary } from '../repositories/trace-rows.ts'
import type { Store } from '../store/store.ts'
import { idPart } from './filters/filter-option.ts'
import type { Colors } from './io.ts'
import { renderEvent, renderPoint, renderResult, renderSpan } from './live-lines.ts'
import { renderLog } from './log-line.ts'
import { renderTrace } from './trace-line.ts'

/** The part of a row that tables show; `follow` reads more. */
export interface Shown extends Pick<Followed, 'events' | 'metricPoints'> {
  traces: TraceSummary
  spans: SpanSummary
  results: ResultSummary
  logs: LogSummary
}

/** The filters of `tracehold tail`, which mean the same in every table that has them. */
export interface TailFilter {
  trace?: string[]
  service?: string[]
  agent?: string[]
  errors?: boolean
}

type StoredOptions = Pick<StreamOptions<'time'>, 'direction' | 'batch' | 'signal'> & {
  since?: Date | string | undefined
}

/** A table as `tracehold tail` shows it. */
export interface TailTable<E extends Subscribed> {
  /** The filters that it has. */
  readonly filters: { readonly [K in keyof TailFilter]-?: ((value: string[]) => FilterOf[E]) | undefined }
  /** Stored rows in the order of time; a table without this shows only new ones. */
  readonly stored?: (store: Store, filter: FilterOf[E], options: StoredOptions) => AsyncIterable<Shown[E]>
  readonly time: (row: Shown[E]) => string
  /** Identifies this version of a row. */
  readonly identity: (row: Shown[E]) => string
  readonly line: (row: Shown[E], colors: Colors) => string
}

const byTrace = (traceId: string[]) => idPart('traceId', traceId) as { traceId?: TextMatch }
const byService = (serviceName: string[]) => ({ serviceName })
const byAgent = (agentName: string[]) => ({ agentName })

/** The tables of `tracehold tail`, in the order that its help names them. */
export const tailTables: { readonly [E in Subscribed]: TailTable<E> } = {
  traces: {
    filters: { trace: byTrace, service: byService, agent: byAgent, errors: () => ({ hasError: true }) },
    stored: ({ traces }, filter, options) => traces.stream({ ...filter, ...options }),
    time: ({ startTime }) => startTime,
    identity: ({ traceId, updatedAt }) => `${traceId} ${updatedAt}`,
    line: renderTrace,
  },
  spans: {
    filters: { trace: byTrace, service: byService, agent: byAgent, errors: () => ({ hasError: true }) },
    stored: ({ spans }, filter, options) => spans.stream({ ...filter, ...options }),
    time: ({ startTime }) => startTime,
    identity: ({ traceId, spanId }) => `${traceId} ${spanId}`,
    line: renderSpan,
  },
  events: {
    filters: { trace: byTrace, service: undefined, agent: undefined, errors: undefined },
    time: ({ time }) => time,
    identity: ({ traceId, spanId, ordinal }) => `${traceId} ${spanId} ${ordinal}`,
    line: renderEvent,
  },
  results: {
    filters: { trace: byTrace, service: byService, agent: byAgent, errors: () => ({ failing: true }) },
    stored: ({ results }, filter, options) => results.stream({ ...filter, ...options }),
    time: ({ time }) => time,
    identity: ({ resultId }) => resultId,
    line: renderResult,
  },
  metricPoints: {
    filters: { trace: undefined, service: byService, agent: undefined, errors: undefined },
    stored: ({ metrics }, filter, options) => metrics.stream({ ...filter, ...options }),
    time: ({ time }) => time,
    identity: ({ pointId }) => pointId,
    line: renderPoint,
  },
  logs: {
    filters: { trace: byTrace, service: byService, agent: undefined, errors: () => ({ minSeverity: 'error' }) },
    stored: ({ logs }, filter, options) => logs.stream({ ...filter, ...options }),
    time: ({ time }) => time,
    identity: ({ logId }) => logId,
    line: renderLog,
  },
}
