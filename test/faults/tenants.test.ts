import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { openStore } from '../../src/index.ts'
import { runs } from '../runs.ts'
import { createMigrated } from '../servers/migrated.ts'

const program = fileURLToPath(new URL('tenants-process.mjs', import.meta.url))
const tenants = runs(2_000, 100_000)

it('a process serves very many tenants in the memory of few', { timeout: 1_200_000 }, async () => {
  const { url, drop } = await createMigrated.sqlite()
  const child = fork(program, [url, String(tenants)])
  const [{ largestRss, timers }] = await once(child, 'message')
  await once(child, 'exit')
  console.log(`${tenants} tenants: at most ${Math.round(largestRss / 2 ** 20)} MiB`)
  expect(largestRss).toBeLessThan(300e6)
  expect(timers).toBe(0)
  const store = await openStore(url)
  for (const n of [0, tenants - 1]) expect(await store.forProject(`tenant ${n}`).spans.count()).toBe(1)
  await store.close()
  await drop()
})
