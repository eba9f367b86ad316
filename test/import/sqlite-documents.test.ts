import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import {
  exportDocuments,
  InMemoryTraceStore,
  importDocuments,
  importTraces,
  openStore,
  type Store,
  sqliteDocuments,
} from '../../src/index.ts'
import { describeBackends } from '../backends.ts'
import { runProgram } from '../schema/run-program.ts'

const newPath = () => join(mkdtempSync(join(inject('servers').directory, 'databases-')), 'theirs.db')

const trace =
  '{"run_id": "s1", "start_time": 1763000000.0, "total_duration_ms": 1.0, "step_count": 1, "steps": [{"type": "llm_call", "timestamp": 1763000000.0, "duration_ms": 1.0, "cost_usd": 1e-07}], "metadata": {"big": 9007199254740993}}'
const line = `{"run_id": "s1", "steps": 1, "total_ms": 1.0, "created_at": "2026-03-27T10:00:00+00:00", "metadata": {"big": 9007199254740993}, "trace": ${trace}}`
const probe =
  '{"trace_id":"a1","agent_name":"airline","llm_calls":[],"total_input_tokens":9007199254740993,"metadata":{"f":1.0},"created_at":"2026-03-27T10:00:00Z"}'

/** As selectools makes it. */
function selectoolsDatabase(): string {
  const path = newPath()
  const database = new Database(path)
  database.exec(`CREATE TABLE traces (run_id TEXT PRIMARY KEY, steps INTEGER NOT NULL, total_ms REAL NOT NULL,
    created_at TEXT NOT NULL, metadata TEXT NOT NULL DEFAULT '{}', trace_json TEXT NOT NULL)`)
  database
    .prepare('INSERT INTO traces VALUES (?, ?, ?, ?, ?, ?)')
    .run('s1', 1, 1, '2026-03-27T10:00:00+00:00', '{"big": 9007199254740993}', trace)
  database.close()
  return path
}

/** As agentprobe makes it. */
function agentprobeDatabase(): string {
  const path = newPath()
  const database = new Database(path)
  database.exec(
    'CREATE TABLE schema_version (version INTEGER); CREATE TABLE traces (trace_id TEXT PRIMARY KEY, agent_name TEXT, created_at TEXT, data TEXT)',
  )
  database.exec(
    'CREATE TABLE test_results (result_id TEXT PRIMARY KEY, data TEXT); CREATE TABLE metrics (id INTEGER PRIMARY KEY, metric_name TEXT, data TEXT)',
  )
  database.prepare('INSERT INTO traces VALUES (?, ?, ?, ?)').run('a1', 'airline', '2026-03-27T10:00:00Z', probe)
  database
    .prepare('INSERT INTO test_results VALUES (?, ?)')
    .run('r1', '{"result_id":"r1","test_name":"books","status":"passed","score":1.0,"duration_ms":5}')
  database
    .prepare('INSERT INTO metrics VALUES (1, ?, ?)')
    .run('latency_ms', '{"metric_name":"latency_ms","value":5.0,"tags":[],"metadata":{}}')
  database.close()
  return path
}

describeBackends('databases of selectools and agentprobe', (backend) => {
  let store: Store
  beforeAll(async () => {
    store = await openStore(backend.url(), { migrate: true })
  })
  afterAll(() => store.close())

  it('come in exactly', async () => {
    const text = async (format: 'selectools' | 'agentprobe') => {
      let all = ''
      for await (const piece of exportDocuments(store, { format, traceId: format === 'selectools' ? 's1' : 'a1' }))
        all += piece.text
      return all.trimEnd()
    }
    expect(await importDocuments(store, sqliteDocuments(selectoolsDatabase()))).toMatchObject({
      traces: 1,
      rejected: 0,
    })
    expect(await text('selectools')).toBe(line)
    expect(await importDocuments(store, sqliteDocuments(agentprobeDatabase()))).toMatchObject({
      traces: 1,
      results: 1,
      rejected: 0,
    })
    expect(await text('agentprobe')).toBe(probe)
  })
})

it('the commands import a database, export it and copy it', async () => {
  const [ours, copy] = [newPath(), newPath()]
  const cli = (...args: string[]) => runProgram('dist/cli/main.js', args)
  expect(await cli('import', selectoolsDatabase(), agentprobeDatabase(), '--db', ours)).toContain('Imported 2 traces')
  expect((await cli('export', '--format', 'selectools', '--db', ours)).split('\n')).toContain(line)
  expect(await cli('copy', ours, copy)).toContain('Every row was compared and is equal.')
  expect(await cli('export', '--format', 'agentprobe', '--agent', 'airline', '--db', copy)).toBe(`${probe}\n`)
})

it('rows without metadata or a number of steps are read like all others', async () => {
  const path = newPath()
  const database = new Database(path)
  database.exec(
    'CREATE TABLE traces (run_id TEXT, steps INTEGER, total_ms REAL, created_at TEXT, metadata TEXT, trace_json TEXT)',
  )
  const insert = database.prepare('INSERT INTO traces VALUES (?, ?, ?, ?, ?, ?)')
  insert.run('a', null, null, null, null, '{"run_id": "a", "start_time": 1, "steps": []}')
  insert.run('b', 0, 1, '2026-03-27T10:00:00+00:00', null, '{"run_id": "b", "start_time": 1, "steps": []}')
  insert.run('s1', 1, 1, '2026-03-28T10:00:00+00:00', '{"big": 9007199254740993}', trace)
  database.close()
  const store = new InMemoryTraceStore()
  expect(await importTraces(store, sqliteDocuments(path))).toEqual({ traces: 3, rejected: [] })
  expect((await store.list()).map(({ run_id }) => run_id)).toEqual(['s1', 'b', 'a'])
})

it('another database is refused by what it is', async () => {
  const path = newPath()
  new Database(path).exec('CREATE TABLE users (id INTEGER)').close()
  const read = async () => {
    for await (const text of sqliteDocuments(path)) expect(text).toBe('never')
  }
  await expect(read()).rejects.toThrow('none of selectools or agentprobe')
})
