import { expect, it } from 'vitest'
import { BlockEncoder } from '../../src/engines/clickhouse/block-rows.ts'
import { RowEncoder } from '../../src/engines/postgres/encoded-row.ts'
import type { AcceptedRow } from '../../src/rows/accepted-row.ts'
import { acceptRow, isAccepted, rowDefaults } from '../../src/writers/accept.ts'

const defaults = rowDefaults('logs', { projectId: 'p', writtenAt: new Date(), time: new Date(), attributes: {} })

function log(n: number, bodyText = 'x'.repeat(500)): AcceptedRow {
  const row = acceptRow('logs', { logId: `l${n}`, bodyText }, defaults)
  if (!isAccepted(row)) throw new Error(row.map(({ field, message }) => `${field} ${message}`).join())
  return row
}

const rows = Array.from({ length: 5_000 }, (_, n) => log(n))

// A store has a writer for each project and kind of record, and most of them are idle.
it('an idle writer into PostgreSQL keeps one small buffer, whatever it has written', () => {
  const encoder = new RowEncoder()
  const kept = rows.map((row) => encoder.encode('logs', row))
  expect(new Set(kept.map(({ buffer }) => buffer)).size).toBeGreaterThan(5)
  encoder.free(kept.slice(1))
  expect(encoder.encode('logs', log(0)).start).toBeGreaterThan(0)
  const huge = encoder.encode('logs', log(1, 'y'.repeat(1_000_000)))
  expect(huge.buffer.length).toBeGreaterThan(1_000_000)

  const fresh = new RowEncoder()
  fresh.free([fresh.encode('logs', log(1, 'y'.repeat(1_000_000)))])
  const next = fresh.encode('logs', log(2))
  expect(next.start).toBe(0)
  fresh.free([next])
  const again = fresh.encode('logs', log(3))
  expect(again.start).toBe(0)
  expect(again.buffer === next.buffer).toBe(true)
  expect(next.buffer.length).toBeLessThan(1_000_000)
})

it('an idle writer into ClickHouse keeps no block', () => {
  const encoder = new BlockEncoder()
  const kept = rows.map((row) => encoder.encode('logs', row))
  const blocks = new Set(kept.map(({ block }) => block))
  expect(blocks.size).toBe(2)
  const [first, ...others] = kept
  if (!first) throw new Error('no row')
  encoder.free(others)
  const next = encoder.encode('logs', log(0))
  expect(blocks).toContain(next.block)
  encoder.free([first, next])
  expect(blocks).not.toContain(encoder.encode('logs', log(0)).block)
})
