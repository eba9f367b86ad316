import { eq } from 'drizzle-orm'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { BlockRow } from '../../../src/engines/clickhouse/block-rows.ts'
import type { ClickHousePool } from '../../../src/engines/clickhouse/pool.ts'
import { ClickHouseSink } from '../../../src/engines/clickhouse/sink.ts'
import { acceptRow, isAccepted, rowDefaults } from '../../../src/writers/accept.ts'
import { createMigrated } from '../../servers/migrated.ts'
import { suiteStore } from '../../suite-store.ts'

const store = suiteStore(createMigrated.clickhouse)

/** Around the lengths whose count takes one byte more. */
const length = fc.oneof(fc.integer({ min: 0, max: 60 }), fc.constantFrom(127, 128, 16_383, 16_384))
const text = fc.tuple(length, fc.constantFrom('a', 'é', '\u{1f600}')).map(([count, letter]) => letter.repeat(count))
const log = fc.record(
  {
    severityText: text,
    bodyText: text,
    traceId: fc.string({ maxLength: 20 }),
    severity: fc.integer({ min: 1, max: 24 }),
  },
  { requiredKeys: [] },
)
/** Rows that come in, and which of those that wait are stored next. */
const round = fc.record({ logs: fc.array(log, { maxLength: 40 }), picks: fc.array(fc.boolean(), { minLength: 60 }) })

it('stores the rows that a batch has, whichever of their blocks they are, and uses the memory of the others again', async () => {
  let projects = 0
  await fc.assert(
    fc.asyncProperty(fc.array(round, { minLength: 1, maxLength: 5 }), async (rounds) => {
      const projectId = `blocks-${projects++}`
      const sink = new ClickHouseSink(store().pool as ClickHousePool)
      const defaults = rowDefaults('logs', {
        projectId,
        writtenAt: new Date(),
        time: '2026-11-20T10:03:00Z',
        attributes: {},
      })
      const expected = new Map<string, object>()
      let waiting: BlockRow[] = []
      const storeRows = async (rows: BlockRow[]) => {
        if (rows.length === 0) return
        expect(await sink.write({ entity: 'logs', projectId, rows })).toMatchObject({ stored: rows.length })
        sink.free(rows)
      }
      for (const { logs, picks } of rounds) {
        for (const record of logs) {
          const logId = `l${expected.size}`
          expected.set(logId, record)
          const row = acceptRow('logs', { ...record, logId }, defaults)
          if (!isAccepted(row)) throw new Error(row.map(({ field, message }) => `${field} ${message}`).join())
          waiting.push(sink.prepare('logs', row))
        }
        const isPicked = (_: unknown, place: number) => picks[place % picks.length] as boolean
        await storeRows(waiting.filter(isPicked).reverse())
        waiting = waiting.filter((row, place) => !isPicked(row, place))
      }
      await storeRows(waiting)

      const { logs } = store().tables
      const rows = await store().db.select().from(logs).where(eq(logs.projectId, projectId))
      expect(rows).toHaveLength(expected.size)
      for (const row of rows) expect(row).toMatchObject(expected.get(row.logId) ?? {})
    }),
    { numRuns: 25 },
  )
})
