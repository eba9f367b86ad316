import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { statSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import Sqlite from 'better-sqlite3'
import { expect, it } from 'vitest'
import { openStore } from '../../src/index.ts'
import { runs } from '../runs.ts'
import { createMigrated } from '../servers/migrated.ts'

const program = fileURLToPath(new URL('wal-process.mjs', import.meta.url))
const writers = 4
const transactions = runs(150, 5_000)

/** What a process says at its end. */
async function end(child: ChildProcess): Promise<{ failures: string[]; reads: number }> {
  const [said] = await once(child, 'message')
  return said
}

it('the log of SQLite stays small while processes write and read, and nobody finds it busy', {
  timeout: 600_000,
}, async () => {
  const { url, drop } = await createMigrated.sqlite()
  const log = `${url.slice('sqlite:'.length)}-wal`
  const start = (role: string) => fork(program, [url, role, String(transactions)])
  const readers = [start('reader'), start('reader')]
  const ended = Array.from({ length: writers }, (_, n) => end(start(`writer ${n}`)))
  let largest = 0
  let isOver = false
  const watching = (async () => {
    while (!isOver) {
      largest = Math.max(largest, statSync(log, { throwIfNoEntry: false })?.size ?? 0)
      await delay(20)
    }
  })()
  const outcomes = await Promise.all(ended)
  // A store that opens now meets readers, and a log that somebody may be emptying.
  const store = await openStore(url)
  expect(await store.spans.count()).toBe(writers * transactions)
  await store.close()
  const readersEnded = readers.map(end)
  for (const reader of readers) reader.send('end')
  outcomes.push(...(await Promise.all(readersEnded)))
  isOver = true
  await watching
  console.log(
    `the log was at most ${(largest / 2 ** 20).toFixed(1)} MiB`,
    outcomes.map(({ reads }) => reads),
  )
  expect(outcomes.flatMap(({ failures }) => failures)).toEqual([])
  expect(largest).toBeLessThan(64 * 1024 * 1024)
  await drop()
})

it('a store opens and reads while another process has a transaction open', async () => {
  const { url, drop } = await createMigrated.sqlite()
  const other = new Sqlite(url.slice('sqlite:'.length))
  other.exec('begin immediate')
  const started = performance.now()
  const store = await openStore(url)
  expect(await store.spans.count()).toBe(0)
  expect(performance.now() - started).toBeLessThan(1_000)
  other.exec('commit')
  other.close()
  await store.close()
  await drop()
})
