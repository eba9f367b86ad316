import { afterAll, beforeAll, expect, it } from 'vitest'
import { createSink } from '../../src/engines/notifying-sink.ts'
import { openStore, type Store } from '../../src/index.ts'
import type { Entity } from '../../src/rows/accepted-row.ts'
import { acceptRow, isAccepted, rowDefaults } from '../../src/writers/accept.ts'
import { traceDefaults, withAuthored } from '../../src/writers/trace-rows.ts'
import { describeBackends } from '../backends.ts'

const older = '2026-11-20T10:00:00.000000Z'
const newer = '2026-11-20T11:00:00.000000Z'
const time = '2026-11-20T09:00:00.000000Z'

const records: Partial<Record<Entity, (n: number) => object>> = {
  spans: (n) => ({
    traceId: 't',
    spanId: `s${n}`,
    name: 'n',
    kind: 'llm',
    status: 'ok',
    startTime: time,
    attributes: {},
  }),
  logs: (n) => ({ logId: `l${n}`, time, attributes: {} }),
  traces: (n) => ({ ...traceDefaults(older), traceId: `own${n}` }),
}

describeBackends('rows that lose to newer ones', (backend) => {
  let store: Store
  beforeAll(async () => {
    store = await openStore(backend.url(), { migrate: true })
  })
  afterAll(() => store.close())

  async function write(entity: Entity, places: readonly number[], writtenAt: string) {
    const sink = createSink(store.pool)
    const defaults = rowDefaults(entity, { projectId: 'default', writtenAt })
    const rows = places.map((n) => {
      const row = acceptRow(entity, records[entity]?.(n) ?? {}, defaults)
      const complete = entity === 'traces' && isAccepted(row) ? withAuthored(row, { traceId: `own${n}` }) : row
      if (!isAccepted(complete)) throw new Error(complete.map(({ field, message }) => `${field} ${message}`).join())
      return sink.prepare(entity, complete)
    })
    return sink.write({ entity, projectId: 'default', rows })
  }

  // PostgreSQL stores few rows in one way and many in another.
  it.each([
    ['spans', 5],
    ['spans', 60],
    ['logs', 5],
    ['logs', 60],
    ['traces', 5],
  ] as const)('are named by their place in the batch: %s, %i of them', async (entity, count) => {
    const all = Array.from({ length: count }, (_, n) => count * 1_000 + n).reverse()
    const lost = [1, count - 2]
    const unlucky = lost.map((place) => all[place] as number)
    expect(await write(entity, unlucky, newer)).toMatchObject({ stored: 2, superseded: [], rejected: [] })
    const result = await write(entity, all, older)
    expect({ ...result, superseded: result.superseded.toSorted((a, b) => a - b) }).toMatchObject({
      stored: count - 2,
      superseded: lost,
      rejected: [],
    })
  })
})
