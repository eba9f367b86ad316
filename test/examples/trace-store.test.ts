import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, inject, it } from 'vitest'
import { DatabaseTraceStore, JsonlTraceStore, openStore } from '../../src/index.ts'
import { describeBackendsForProcesses } from '../backends.ts'
import { root, runProgram } from '../schema/run-program.ts'

// The examples are compiled against the package as it is published, and run as their readers would run them.
beforeAll(async () => {
  await runProgram('node_modules/typescript/bin/tsc', ['-p', 'examples/trace-store'])
}, 120_000)

const folder = () => mkdtempSync(join(inject('servers').directory, 'examples-'))
const run = (run_id: string, durations: number[]) => ({
  run_id,
  start_time: Date.now() / 1000,
  steps: durations.map((duration_ms, i) => ({
    type: 'llm_call',
    timestamp: Date.now() / 1000,
    duration_ms,
    model: 'gpt-4o',
    prompt_tokens: 10,
    completion_tokens: 5,
    cost_usd: 0.25,
    step_number: i,
  })),
})

describeBackendsForProcesses('examples/trace-store', (backend) => {
  it('weekly-cost sums up the runs of a week, and shows zeros for none', async () => {
    const url = await backend.fresh()
    const none = { runs: 0, costUsd: 0, averageSteps: 0, models: [] }
    expect(JSON.parse(await runProgram('build/trace-store/weekly-cost.js', [url]))).toEqual(none)
    const store = await openStore(url)
    await new DatabaseTraceStore(store).save(run('r1', [1, 2]))
    await store.close()
    expect(JSON.parse(await runProgram('build/trace-store/weekly-cost.js', [url]))).toEqual({
      runs: 1,
      costUsd: 0.5,
      averageSteps: 2,
      models: [{ model: 'gpt-4o', costUsd: 0.5, totalTokens: 30 }],
    })
  })

  it('monthly-export writes what was saved in a month', async () => {
    const url = await backend.fresh()
    const store = await openStore(url, { migrate: true })
    const traces = new DatabaseTraceStore(store)
    await traces.save(run('r1', [1]))
    const [{ created_at } = { created_at: '' }] = await traces.list()
    await store.close()
    const file = join(folder(), 'month.jsonl')
    await runProgram('build/trace-store/monthly-export.js', [url, created_at.slice(0, 7), file])
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ run_id: 'r1', steps: 1 })
    await runProgram('build/trace-store/monthly-export.js', [url, '2001-01', file])
    expect(await readFile(file, 'utf8')).toBe('')
  })

  it('http-service saves after each run, and serves list, query and load', async () => {
    const service = spawn(
      process.execPath,
      [join(root, 'build/trace-store/http-service.js'), await backend.fresh(), '0'],
      {
        cwd: root,
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    const exited = once(service, 'exit')
    const [line] = await once(service.stdout, 'data')
    const call = async (path: string, body?: unknown) => {
      const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }
      const response = await fetch(`${String(line).trim()}${path}`, { ...init, headers: { connection: 'close' } })
      return { status: response.status, body: (await response.json()) as { run_id?: string } }
    }
    const { body } = await call('/runs', { question: 'why?', user: 'ada' })
    await call('/runs', { question: 'how?' })
    expect((await call('/runs?limit=1')).body).toMatchObject([{ metadata: { question: 'how?' } }])
    expect((await call('/query', { metadata_match: { user: 'ada' } })).body).toMatchObject([{ run_id: body.run_id }])
    expect((await call(`/runs/${body.run_id}`)).body).toMatchObject({
      metadata: { question: 'why?' },
      steps: [{ type: 'llm_call' }],
    })
    expect(await call('/runs/nowhere')).toEqual({ status: 404, body: { error: "Trace 'nowhere' not found" } })
    expect((await call('/query', { since: 'yesterday' })).status).toBe(400)
    service.kill('SIGTERM')
    expect((await exited)[0]).toBe(0)
  })
})

describe('examples/trace-store on a file', () => {
  it('slow-steps finds the slow steps of long runs', async () => {
    const path = join(folder(), 'runs.jsonl')
    const store = new JsonlTraceStore(path)
    await store.save(run('long', [1, 900, 2, 700]))
    await store.save(run('short', [1000]))
    expect(JSON.parse(await runProgram('build/trace-store/slow-steps.js', [path, '3', '500']))).toEqual([
      { run: 'long', step: 1, type: 'llm_call', ms: 900 },
      { run: 'long', step: 3, type: 'llm_call', ms: 700 },
    ])
  })

  it('observer saves the trace of a run', async () => {
    const path = join(folder(), 'runs.jsonl')
    const printed = await runProgram('build/trace-store/observer.js', [path])
    expect(printed).toContain('You asked: Is the flight on time?')
    expect(await new JsonlTraceStore(path).list()).toMatchObject([{ steps: 2, total_ms: 15.5 }])
  })
})
