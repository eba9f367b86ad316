import { existsSync, mkdtempSync } from 'node:fs'
import { appendFile, readdir, readFile, readlink, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, inject, it } from 'vitest'
import { TimeoutError } from '../../src/errors.ts'
import { randomTraces, runTraceStoreConformance } from '../../src/testing/index.ts'
import { JsonlTraceStore } from '../../src/trace-store/jsonl/jsonl.ts'
import { LockFile } from '../../src/trace-store/jsonl/lock-file.ts'
import { exportTraces } from '../../src/trace-store/transfer.ts'

const folder = () => mkdtempSync(join(inject('servers').directory, 'jsonl-'))
const newPath = () => join(folder(), 'deep', 'er', 'runs.jsonl')
const trace = (run_id: string, rest = {}) => ({ run_id, start_time: 1_763_000_000, steps: [], ...rest })
const lockTimes = { touchMs: 5, leftMs: 30_000, waitMs: 30_000 }
const lockOf = (host: string) => JSON.stringify({ pid: 7, host, began: '1', id: 'a' })
const ids = (summaries: readonly { run_id: string }[]) => summaries.map(({ run_id }) => run_id)

runTraceStoreConformance({
  describe,
  it,
  name: 'JsonlTraceStore',
  open: () => ({ subject: new JsonlTraceStore(newPath()) }),
})

describe('a line of a JSONL file', () => {
  it("has selectools' keys in their order, floats as Python writes them, and its form of dates", async () => {
    const path = newPath()
    const store = new JsonlTraceStore(path)
    await store.save({
      steps: [
        {
          step_number: 0,
          model: 'm',
          duration_ms: 2,
          type: 'llm_call',
          timestamp: 5,
          prompt_tokens: 3,
          cost_usd: 1e-7,
        },
      ],
      metadata: { b: 1, é: '🚀' },
      start_time: 5,
      parent_run_id: 'p',
      run_id: 'r1',
    })
    const text = await readFile(path, 'utf8')
    const created = /"created_at": "([^"]+)"/.exec(text)?.[1]
    expect(created).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?\+00:00$/)
    expect(text.trimEnd()).toBe(
      `{"run_id": "r1", "steps": 1, "total_ms": 2.0, "created_at": "${created}", ` +
        '"metadata": {"b": 1, "\\u00e9": "\\ud83d\\ude80"}, "trace": {"run_id": "r1", "start_time": 5.0, ' +
        '"total_duration_ms": 2.0, "step_count": 1, "steps": [{"type": "llm_call", "timestamp": 5.0, ' +
        '"duration_ms": 2.0, "model": "m", "prompt_tokens": 3, "cost_usd": 1e-07, "step_number": 0}], ' +
        '"parent_run_id": "p", "metadata": {"b": 1, "\\u00e9": "\\ud83d\\ude80"}}}',
    )
    expect(text.endsWith('\n')).toBe(true)
  })

  it('is read as Python wrote it, and written again alike', async () => {
    const path = newPath()
    const store = new JsonlTraceStore(path)
    await store.save(trace('first'))
    const metadata =
      '{"big": 9007199254740993, "f": 1.0, "e": 1e-07, "n": -0.0, "nan": NaN, "u": "\\u00e9\\ud83d\\ude80"}'
    const body = `{"run_id": "py", "start_time": 1763000000.0, "total_duration_ms": 3, "step_count": 1, "steps": [{"type": "x", "timestamp": 1763000000, "duration_ms": 3}], "metadata": ${metadata}}`
    const line = `{"run_id": "py", "steps": 1, "total_ms": 3, "created_at": "2026-03-27T10:00:00+00:00", "metadata": ${metadata}, "trace": ${body}}`
    await appendFile(path, `${line}\n`)
    const loaded = await store.load('py')
    expect(loaded.metadata).toEqual({ big: 9007199254740993n, f: 1, e: 1e-7, n: -0, nan: Number.NaN, u: 'é🚀' })
    const [, summary] = await store.list()
    expect(summary).toMatchObject({ run_id: 'py', created_at: '2026-03-27T10:00:00.000000Z', total_ms: 3 })
    await store.save(loaded)
    const written = (await readFile(path, 'utf8')).trimEnd().split('\n').at(-1) ?? ''
    expect(written.slice(written.indexOf('"trace":'))).toBe(line.slice(line.indexOf('"trace":')))
  })

  it('may have Z for an offset, another offset, or no date at all', async () => {
    const path = newPath()
    const store = new JsonlTraceStore(path)
    await store.save(trace('first'))
    const line = (id: string, date: string) =>
      `{"run_id": "${id}", "steps": 0, "total_ms": 0, ${date}"metadata": {}, "trace": {"run_id": "${id}", "start_time": 1, "steps": []}}\n`
    await appendFile(path, line('z', '"created_at": "2026-03-27T10:00:00.5Z", '))
    await appendFile(path, line('offset', '"created_at": "2026-03-27T12:00:00.25+02:00", '))
    await appendFile(path, line('none', ''))
    expect((await store.list()).map(({ run_id, created_at }) => [run_id, created_at]).slice(1)).toEqual([
      ['z', '2026-03-27T10:00:00.500000Z'],
      ['offset', '2026-03-27T10:00:00.250000Z'],
      ['none', '2000-01-01T00:00:00.000000Z'],
    ])
  })
})

describe('JsonlTraceStore', () => {
  it('gives back texts of any length', async () => {
    const store = new JsonlTraceStore(newPath())
    const texts = {
      long: 'x'.repeat(9_000_000),
      'not ASCII': '漢'.repeat(2_000_000),
      escaped: '"\\\\'.repeat(500_000),
    }
    for (const [id, text] of Object.entries(texts)) await store.save(trace(id, { metadata: { text } }))
    for (const [id, text] of Object.entries(texts)) expect((await store.load(id)).metadata?.text === text).toBe(true)
    expect(ids(await store.list())).toEqual(['escaped', 'not ASCII', 'long'])
  })

  it('takes no line whose strings are none of JSON', async () => {
    const path = newPath()
    const store = new JsonlTraceStore(path)
    await store.save(trace('a'))
    const line = (text: string) =>
      `{"run_id": "x", "trace": {"run_id": "x", "start_time": 1.0, "steps": [], "metadata": {"n": NaN, "s": "${text}"}}}\n`
    for (const text of ['a\tb', '\\x', '\\u12', '"', '\\']) await appendFile(path, line(text))
    expect(await store.stats()).toEqual({ traces: 1, brokenLines: 5 })
    await appendFile(path, line('\\\\'))
    expect((await store.load('x')).metadata).toEqual({ n: Number.NaN, s: '\\' })
  })

  it('skips and counts lines that are no traces, and keeps them', async () => {
    const path = newPath()
    const store = new JsonlTraceStore(path)
    await store.save(trace('a'))
    await appendFile(path, '\n{"broken\n[]\n   \n{"run_id": "x"}\n{"half": ')
    await store.save(trace('b'))
    expect(ids(await store.list())).toEqual(['b', 'a'])
    expect(await store.stats()).toEqual({ traces: 2, brokenLines: 4 })
    expect(await store.delete('a')).toBe(true)
    expect(await store.stats()).toEqual({ traces: 1, brokenLines: 4 })
    expect(await store.compact()).toEqual({ traces: 1, brokenLines: 4 })
  })

  it('loads the last line of a run, and drops the others when it compacts', async () => {
    const path = newPath()
    const store = new JsonlTraceStore(path)
    for (let i = 0; i < 5; i += 1) await store.save(trace('a', { metadata: { i } }))
    await store.save(trace('b'))
    expect((await store.load('a')).metadata).toEqual({ i: 4 })
    await store.compact()
    expect((await readFile(path, 'utf8')).trimEnd().split('\n')).toHaveLength(2)
    expect((await store.load('a')).metadata).toEqual({ i: 4 })
    expect(ids(await store.list())).toEqual(['b', 'a'])
  })

  it('streams every trace that was there, also while the file is rewritten', async () => {
    const store = new JsonlTraceStore(newPath())
    for (const id of ['old', 'old', 'a', 'b', 'c', 'd']) await store.save(trace(id))
    const exported: string[] = []
    for await (const line of exportTraces(store)) {
      exported.push(JSON.parse(line).run_id)
      if (exported.length === 1) await store.compact()
    }
    expect(exported).toEqual(['d', 'c', 'b', 'a', 'old'])
    const streamed: string[] = []
    for await (const { runId } of store.stream()) {
      streamed.push(runId)
      await store.delete(runId)
    }
    expect(streamed).toEqual(['d', 'c', 'b', 'a', 'old'])
    expect(await store.list()).toEqual([])
  })

  it.runIf(existsSync('/proc/self/fd'))('closes the file when a stream is left early', async () => {
    const path = newPath()
    const store = new JsonlTraceStore(path)
    for (const id of ['a', 'b']) await store.save(trace(id))
    const openFiles = async () => {
      const handles = (await readdir('/proc/self/fd')).map((each) => readlink(`/proc/self/fd/${each}`).catch(() => ''))
      return (await Promise.all(handles)).filter((each) => each === path)
    }
    for await (const { runId } of store.stream()) {
      expect([runId, await openFiles()]).toEqual(['b', [path]])
      break
    }
    expect(await openFiles()).toEqual([])
  })

  it('sees what other stores and programs do to its file', async () => {
    const path = newPath()
    const [one, two] = [new JsonlTraceStore(path), new JsonlTraceStore(path)]
    await one.save(trace('a'))
    expect(ids(await two.list())).toEqual(['a'])
    await two.save(trace('b'))
    expect(ids(await one.list())).toEqual(['b', 'a'])
    expect(await two.delete('a')).toBe(true)
    await expect(one.load('a')).rejects.toThrow("Trace 'a' not found")
    const lines = await readFile(path, 'utf8')
    await one.save(trace('c'))
    // As selectools deletes: the file is written anew in its place.
    await writeFile(path, lines)
    expect(ids(await one.list())).toEqual(['b'])
    await rm(path)
    expect(await one.list()).toEqual([])
  })

  it('makes its index anew when it is missing, old or broken', async () => {
    const path = newPath()
    const saved = randomTraces(50).map((each) => ({ ...each, filler: 'x'.repeat(30_000) }))
    const store = new JsonlTraceStore(path)
    for (const each of saved) await store.save(each)
    expect((await store.load('run-7')).run_id).toBe('run-7')
    const index = `${path}.index`
    const good = await readFile(index)
    expect(good.length).toBeGreaterThan(1000)
    for (const content of ['', 'nonsense', good.subarray(0, 300), Buffer.alloc(good.length, 255)]) {
      await writeFile(index, content)
      expect((await new JsonlTraceStore(path).load('run-7')).run_id).toBe('run-7')
    }
    await rm(index)
    expect(await new JsonlTraceStore(path).list(100)).toHaveLength(50)
    await store.delete('run-7')
    await writeFile(index, good)
    await expect(new JsonlTraceStore(path).load('run-7')).rejects.toThrow('not found')
    expect((await new JsonlTraceStore(path).load('run-8')).run_id).toBe('run-8')
  })

  it('leaves nothing but the file and its index', async () => {
    const path = newPath()
    const store = new JsonlTraceStore(path)
    for (const each of randomTraces(20)) await store.save(each)
    await store.delete('run-3')
    await store.compact()
    const left = await readdir(join(path, '..'))
    expect(left.filter((name) => name !== 'runs.jsonl' && name !== 'runs.jsonl.index')).toEqual([])
  })

  it('takes the lock of a process that died, and leftovers of its rewrite', async () => {
    const path = newPath()
    const store = new JsonlTraceStore(path)
    for (const id of ['a', 'b']) await store.save(trace(id))
    const { hostname } = await import('node:os')
    await writeFile(`${path}.lock`, JSON.stringify({ pid: 2 ** 22 + 1, host: hostname(), began: '1' }))
    await writeFile(`${path}.77.abcd.rewrite`, 'half')
    await store.save(trace('c'))
    expect(await store.delete('a')).toBe(true)
    expect((await readdir(join(path, '..'))).sort()).toEqual(['runs.jsonl'])
    expect(ids(await store.list())).toEqual(['c', 'b'])
  })

  it('takes the lock of a machine that is gone', async () => {
    const path = join(folder(), 'runs.jsonl.lock')
    await writeFile(path, lockOf('old-pod'))
    await writeFile(`${path}.break`, lockOf('older-pod'))
    const lock = new LockFile(path, { ...lockTimes, leftMs: 50 })
    expect(await lock.released()).toBe(true)
    expect(await lock.hold(async () => (await readFile(path, 'utf8')).includes('old-pod'))).toBe(false)
    expect(await readdir(join(path, '..'))).toEqual([])
  })

  it('waits for a machine that touches its lock, and names it when that takes too long', async () => {
    const path = join(folder(), 'runs.jsonl.lock')
    await writeFile(path, lockOf('busy-pod'))
    const touching = setInterval(() => utimes(path, new Date(), new Date()).catch(() => {}), 10)
    try {
      const lock = new LockFile(path, { ...lockTimes, leftMs: 1_000, waitMs: 1_300 })
      const error: unknown = await lock.released().catch((thrown) => thrown)
      expect(error).toBeInstanceOf(TimeoutError)
      expect(String(error)).toContain(`Process 7 on busy-pod kept ${path}`)
      expect(String(error)).toContain('may be deleted')
    } finally {
      clearInterval(touching)
    }
  })

  it('touches its lock while it works, and leaves that of another alone', async () => {
    const path = join(folder(), 'runs.jsonl.lock')
    const touched = async () => (await stat(path, { bigint: true })).mtimeNs
    const holding = new LockFile(path, lockTimes).hold(async (check) => {
      const before = await touched()
      await expect.poll(touched).toBeGreaterThan(before)
      await check()
      await writeFile(path, lockOf('other-pod'))
      await check()
    })
    await expect(holding).rejects.toThrow('Another process took')
    expect(await readFile(path, 'utf8')).toBe(lockOf('other-pod'))
  })

  it('loses no line when saves and deletions of several stores overlap', async () => {
    const path = newPath()
    const stores = Array.from({ length: 4 }, () => new JsonlTraceStore(path))
    const doomed = Array.from({ length: 10 }, (_, i) => `doomed-${i}`)
    for (const id of doomed) await stores[0]?.save(trace(id))
    await Promise.all(
      stores.map(async (store, s) => {
        for (let i = 0; i < 50; i += 1) {
          await store.save(trace(`s${s}-${i}`))
          const id = i % 20 === s ? doomed.pop() : undefined
          if (id) await store.delete(id)
        }
      }),
    )
    const listed = ids(await new JsonlTraceStore(path).list(1000))
    expect(listed.filter((id) => id.startsWith('s'))).toHaveLength(200)
    expect(new Set(listed).size).toBe(listed.length)
    expect(listed.filter((id) => id.startsWith('doomed')).sort()).toEqual(doomed.sort())
  })
})
