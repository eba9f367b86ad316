import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, inject, it } from 'vitest'
import { JsonlTraceStore } from '../../src/index.ts'

const newPath = () => join(mkdtempSync(join(inject('servers').directory, 'jsonl-')), 'runs.jsonl')
const trace = (run_id: string) => ({ run_id, start_time: 1, steps: [], metadata: { filler: 'x'.repeat(200) } })

function start(path: string, ...args: string[]) {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'jsonl-appender.mjs'), path, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ready = once(child.stdout, 'data')
  return { child, ready, exited: once(child, 'exit') }
}

describe('JsonlTraceStore, at length', () => {
  it('4 processes that append 10 000 traces each leave 40 000 readable lines', async () => {
    const path = newPath()
    const children = ['a', 'b', 'c', 'd'].map((name) => start(path, 'append', name, '10000'))
    for (const { child, exited } of children) {
      child.stdout.resume()
      expect((await exited)[0]).toBe(0)
    }
    const lines = (await readFile(path, 'utf8')).trimEnd().split('\n')
    expect(lines).toHaveLength(40_000)
    expect(new Set(lines.map((line) => JSON.parse(line).run_id)).size).toBe(40_000)
    expect(await new JsonlTraceStore(path).stats()).toEqual({ traces: 40_000, brokenLines: 0 })
  }, 300_000)

  it('loses nothing in 100 kills during deletions and compactions', async () => {
    const path = newPath()
    const store = new JsonlTraceStore(path)
    const kept = Array.from({ length: 300 }, (_, i) => `kept-${i}`)
    for (const id of kept) await store.save(trace(id))
    for (let round = 0; round < 100; round += 1) {
      const { child, ready, exited } = start(path, 'rewrite')
      await ready
      // What is saved meanwhile, over all moments of a rewrite, must be there as well.
      for (let i = 0; i < 5 + (round % 17); i += 1) {
        const id = `round-${round}-${i}`
        await store.save(trace(id))
        kept.push(id)
      }
      child.kill('SIGKILL')
      await exited
      const listed = new Set((await new JsonlTraceStore(path).list(10_000)).map(({ run_id }) => run_id))
      expect(kept.filter((id) => !listed.has(id))).toEqual([])
    }
    expect((await store.stats()).brokenLines).toBe(0)
  }, 900_000)

  it('loads from 100 000 traces at least 100 times faster than a scan', async () => {
    const path = newPath()
    const template = JSON.stringify({
      run_id: 'ID',
      steps: 0,
      total_ms: 0,
      created_at: '2026-11-20T10:00:00+00:00',
      metadata: {},
      trace: { ...trace('ID'), total_duration_ms: 0, step_count: 0 },
    })
    await writeFile(
      path,
      Array.from({ length: 100_000 }, (_, i) => `${template.replaceAll('ID', `run-${i}`)}\n`).join(''),
    )
    const store = new JsonlTraceStore(path)
    const timed = async (work: () => Promise<unknown>) => {
      const before = performance.now()
      await work()
      return performance.now() - before
    }
    const scanMs = await timed(async () => {
      for (const line of (await readFile(path, 'utf8')).split('\n')) {
        if (line && JSON.parse(line).run_id === 'run-99999') break
      }
    })
    const buildMs = await timed(() => store.load('run-50000'))
    const firstMs = await timed(() => new JsonlTraceStore(path).load('run-77777'))
    let loads = 0
    const warmMs =
      (await timed(async () => {
        for (; loads < 200; loads += 1) await store.load(`run-${(loads * 499) % 100_000}`)
      })) / loads
    console.log({ scanMs, buildMs, firstMs, warmMs })
    expect(scanMs / warmMs).toBeGreaterThan(100)
    expect(scanMs / firstMs).toBeGreaterThan(100)
  }, 300_000)
})
