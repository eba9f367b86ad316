import { expect, it } from 'vitest'
import type { NewSpan } from '../../../src/index.ts'
import { createMigrated } from '../../servers/migrated.ts'
import { suiteStore } from '../../suite-store.ts'

const store = suiteStore(createMigrated.clickhouse)

const spans = (traceId: string, count: number, from = 0): NewSpan[] =>
  Array.from({ length: count }, (_, n) => ({
    traceId,
    spanId: `s${from + n}`,
    name: 'step',
    startTime: '2026-11-20T10:00:00Z',
  }))

const versions = async (traceId: string) => {
  const [[count] = []] = await store().pool.rows(
    'select count() from traces where trace_id = {p0:String} settings final = 0, optimize_on_insert = 0',
    [traceId],
  )
  return Number(count)
}
const stored = async (traceId: string) => (await store().traces.get(traceId))?.spanCount

it('the row of a short trace follows each batch', async () => {
  for (let at = 0; at < 3; at += 1) await store().writers.spans.write(spans('short', 10, at * 10))
  expect(await stored('short')).toBe(30)
})

it('the row of a long trace is worked out now and then while it grows, and at flush', async () => {
  const { writers } = store()
  await writers.spans.write(spans('long', 1_000))
  const before = await versions('long')
  for (let at = 0; at < 20; at += 1) await writers.spans.write(spans('long', 1, 1_000 + at))
  expect((await versions('long')) - before).toBeLessThan(10)
  await writers.spans.flush()
  expect(await stored('long')).toBe(1_020)
})

it('the row of a long trace follows within some seconds, and whoever caches it hears of it', async () => {
  const { writers } = store()
  await writers.spans.write(spans('later', 1_001))
  await writers.spans.write(spans('later', 1, 1_001))
  await expect.poll(() => stored('later'), { timeout: 10_000 }).toBe(1_002)
})

it('what an author says of a long trace shows at once', async () => {
  const { writers } = store()
  await writers.spans.write(spans('said', 1_001))
  await writers.spans.write(spans('said', 1, 1_001))
  await writers.traces.write({ traceId: 'said', name: 'mine' })
  expect(await store().traces.get('said')).toMatchObject({ name: 'mine', spanCount: 1_002 })
})

it('a bulk write leaves no row behind', async () => {
  await store().writers.spans.bulk(spans('bulk', 30_000))
  expect(await stored('bulk')).toBe(30_000)
})
