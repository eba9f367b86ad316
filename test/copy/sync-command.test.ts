import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { compareStores, type NewSpan, openStore } from '../../src/index.ts'
import { runCommand } from '../cli/run-command.ts'
import { command } from '../cli/run-process.ts'
import { runs } from '../runs.ts'
import { createDatabase } from '../servers/databases.ts'
import { fill } from './fill-store.ts'
import { finishSync, killSync } from './kill-sync.ts'
import { temporary } from './open-stores.ts'

const spans = (count: number): NewSpan[] =>
  Array.from({ length: count }, (_, i) => ({
    traceId: `t${i >> 4}`,
    spanId: `s${i}`,
    name: 'chat',
    kind: 'llm',
    startTime: new Date(1_763_000_000_000 + i),
    inputTokens: i,
    attributes: { i },
  }))

describe('tracehold sync', () => {
  it('brings everything over, says so, and goes on where it was', async () => {
    const cwd = temporary()
    const [from, to] = [`sqlite:${join(cwd, 'from.db')}`, `sqlite:${join(cwd, 'to.db')}`]
    const store = await openStore(from, { migrate: true })
    await fill(store)
    const first = await runCommand(['sync', from, to, '--once'], { cwd })
    expect(first.code, first.stderr).toBe(0)
    expect(first.stdout).toMatch(/^Wrote 62 traces, .* 4 logs in .*\. Everything is there\.\n$/)
    await store.writers.logs.write({ body: 'one more' })
    const second = await runCommand(['sync', from, to, '--once', '--json'], { cwd })
    expect(second.json()).toMatchObject({ complete: true, written: { spans: 0, logs: 1 } })
    await store.close()
  })

  it('ends in order at Ctrl-C', async () => {
    const cwd = temporary()
    const [from, to] = [`sqlite:${join(cwd, 'from.db')}`, `sqlite:${join(cwd, 'to.db')}`]
    const store = await openStore(from, { migrate: true })
    await store.writers.spans.write(spans(10))
    const target = await openStore(to, { migrate: true })
    const child = spawn(process.execPath, [command, 'sync', from, to, '--poll', '5'], {
      cwd,
    })
    let output = ''
    child.stdout.on('data', (chunk: Buffer) => (output += chunk))
    const ended = once(child, 'close')
    while ((await target.spans.count()) < 10) await new Promise(setImmediate)
    await store.writers.spans.write(spans(20))
    while ((await target.spans.count()) < 20) await new Promise(setImmediate)
    child.kill('SIGINT')
    expect(await ended).toEqual([0, null])
    expect(output).toMatch(/^Wrote 30 spans in /)
    await Promise.all([store.close(), target.close()])
  })

  it(
    'stores every row once, however often it is killed',
    async () => {
      const kills = runs(3, 12)
      const database = await createDatabase()
      const progressFile = join(temporary(), 'progress.json')
      const from = `sqlite:${join(temporary(), 'from.db')}`
      const store = await openStore(from, { migrate: true })
      for (const batch of [spans(2000 * kills), spans(4000)]) await store.writers.spans.write(batch)
      const route = [from, database.url, progressFile] as const
      const killed = await killSync(route, kills, () => 1 + Math.floor(Math.random() * 3))
      expect(killed).toBe(kills)
      await finishSync(...route)
      const target = await openStore(database.url)
      expect(await compareStores(store.pool, target.pool)).toMatchObject({
        equal: true,
        tables: { spans: { extra: 0 } },
      })
      await Promise.all([store.close(), target.close()])
      await database.drop()
    },
    runs(60_000, 300_000),
  )

  it.each([
    [['sync', 'sqlite:a.db'], /missing required argument 'to'/],
    [['sync', 'sqlite:a.db', 'sqlite:b.db', '--poll', '0'], /whole number from 1 to 3600000/],
    [['sync', 'sqlite:nowhere.db', 'sqlite:b.db'], /There is no database at sqlite:nowhere.db/],
    [['sync', 'mysql://a', 'sqlite:b.db'], /Unknown database URL scheme/],
  ])('refuses %j', async (args, message) => {
    const { code, stderr } = await runCommand(args, { cwd: temporary() })
    expect(code).not.toBe(0)
    expect(stderr).toMatch(message)
  })
})
