import type { Column, SQL } from 'drizzle-orm'
import { membersOfTraces } from '../engines/deleted-rows.ts'
import type { PoolScope } from '../repositories/read-scope.ts'
import type { ArchivedKind, ArchivedPage } from '../row-pages/archive-part.ts'
import { readRows } from '../row-pages/read-rows.ts'
import { type AcceptedRow, columnIndex } from '../rows/accepted-row.ts'
import { inBatches, type SizedTrace } from './in-batches.ts'
import type { LooseKind } from './settled-rows.ts'

type Pages = AsyncGenerator<ArchivedPage, void, undefined>

const idIndexes: Readonly<Record<ArchivedKind, number>> = {
  traces: columnIndex('traces', 'traceId'),
  results: columnIndex('results', 'resultId'),
  metricPoints: columnIndex('metricPoints', 'pointId'),
  logs: columnIndex('logs', 'logId'),
}

/** The ids of rows that are archived by themselves. */
export const idsOf = (of: ArchivedKind, rows: readonly AcceptedRow[]): string[] =>
  rows.map(({ values }) => String(values[idIndexes[of]]))

/** All rows of whole traces: of some traces at a time, their rows and then those of each table. */
export async function* archivedTraces(scope: PoolScope, traces: readonly SizedTrace[], rowsAtOnce: number): Pages {
  const { dialect, tables } = scope.pool
  for await (const some of inBatches(traces, rowsAtOnce)) {
    const ids = dialect.list(some.map(({ traceId }) => traceId))
    for (const entity of ['traces', ...[...membersOfTraces].reverse()] as const) {
      const { traceId } = tables[entity]
      yield* pagesOf(scope, entity, dialect.isInList(traceId as Column, ids))
    }
  }
}

/** The rows of a table that fit a condition, in the order of their keys. */
export async function* pagesOf(scope: PoolScope, entity: ArchivedPage['entity'], where: SQL): Pages {
  const { primary: pool } = scope.pool
  const size = pool.capabilities.copyPage
  for await (const { rows } of readRows(pool, entity, { projectId: scope.projectId, where, size })) {
    yield { entity, rows }
  }
}

const metricIndex = columnIndex('metricPoints', 'metricName')

/** The next pages of rows that stand alone, as one part; with points comes what is said of their metrics. */
export class LoosePart {
  /** The ids of its rows, when it has been read. */
  readonly ids: string[] = []
  readonly #scope: PoolScope
  readonly #entity: LooseKind
  readonly #mostRows: number
  readonly #first: ArchivedPage
  readonly #rest: Pages

  constructor(scope: PoolScope, entity: LooseKind, mostRows: number, first: ArchivedPage, rest: Pages) {
    this.#scope = scope
    this.#entity = entity
    this.#mostRows = mostRows
    this.#first = first
    this.#rest = rest
  }

  async *pages(): Pages {
    const metrics = new Set<string>()
    for (let page: ArchivedPage | undefined = this.#first; page !== undefined; ) {
      yield page
      this.ids.push(...idsOf(this.#entity, page.rows))
      if (this.#entity === 'metricPoints') for (const { values } of page.rows) metrics.add(String(values[metricIndex]))
      page = this.ids.length < this.#mostRows ? ((await this.#rest.next()).value ?? undefined) : undefined
    }
    if (metrics.size === 0) return
    const { dialect, tables } = this.#scope.pool
    yield* pagesOf(this.#scope, 'metrics', dialect.isInList(tables.metrics.name as Column, dialect.list([...metrics])))
  }
}
