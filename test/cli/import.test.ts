import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import type { ImportReport } from '../../src/import/import-report.ts'
import { describeAnyBackend, describeEmptyBackends } from '../backends.ts'
import { runCommand } from './run-command.ts'
import { agentRun } from './sample-traces.ts'

const nothing = {
  traces: 0,
  spans: 0,
  events: 0,
  results: 0,
  metrics: 0,
  points: 0,
  logs: 0,
  rejected: 0,
  repaired: 0,
  readers: expect.any(Array),
}

let folder: string
const file = async (name: string, text: string) => {
  const path = join(folder, name)
  await writeFile(path, text)
  return path
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tracehold-import-'))
  return () => rm(folder, { recursive: true })
})

describeEmptyBackends('tracehold import', (backend) => {
  const run = (...args: string[]) => runCommand(['import', ...args, '--db', backend.url()])

  it('makes the tables of an empty database and says so, then imports', async () => {
    const good = await file('good.jsonl', `${agentRun('t1')}\n${agentRun('t2')}\n`)
    const first = await run(good, '--json')
    expect(first).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/^Made the tables in .+ \(schema version \d+\)\.\n$/),
    })
    expect(first.json<ImportReport>()).toEqual({ ...nothing, traces: 2, spans: 6, events: 2 })
    const again = await run(good, '--json')
    expect(again).toMatchObject({ code: 0, stderr: '', stdout: first.stdout })
    const usage = await runCommand(['usage', '--json', '--db', backend.url()])
    expect(usage.json()).toMatchObject([{ spans: 6, inputTokens: 2400, outputTokens: 68 }])
  })

  it('tells people in a sentence what it did', async () => {
    const { code, stdout, stderr } = await run(await file('good.jsonl', agentRun('t1')))
    expect(stdout).toMatch(/^Imported 1 trace with 3 spans and 1 event into .+ in .+ \([\d,]+ spans\/s\)\.\n$/)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).not.toMatch(/:[^/@]+@/)
  })

  it('keeps projects apart', async () => {
    const good = await file('good.jsonl', agentRun('mine'))
    await run(good, '--project', 'other')
    const list = await runCommand(['traces', 'list', '--project', 'other', '--json', '--db', backend.url()])
    expect(list.json()).toMatchObject({ items: [{ traceId: 'mine' }] })
  })
})

describeAnyBackend('tracehold import, whichever the engine', (backend) => {
  const run = (...args: string[]) => runCommand(['import', ...args, '--db', backend.url()])

  beforeAll(async () => {
    expect(await runCommand(['migrate', '--db', backend.url()])).toMatchObject({ code: 0 })
  })

  it('reports broken lines with file and line, and imports the rest', async () => {
    const mixed = await file('mixed.jsonl', [agentRun('t1'), '{"broken', agentRun('t2'), '{"unknown":1}'].join('\n'))
    const { code, stderr, json } = await run(mixed, '--json')
    expect(code).toBe(0)
    expect(json()).toEqual({ ...nothing, traces: 2, spans: 6, events: 2, rejected: 2 })
    expect(stderr.trimEnd().split('\n')).toEqual([
      `${mixed}:2: is not valid JSON`,
      expect.stringMatching(/^\S+:4: Found an object of 1 member .{1,240}$/),
    ])
    expect(await run(mixed, '--json', '--strict')).toMatchObject({ code: 1, stderr })
    expect(await run(mixed)).toMatchObject({ code: 0, stdout: expect.stringContaining('\n2 rejected') })
  })

  it('ends well with --strict when nothing was rejected', async () => {
    expect(await run(await file('good.jsonl', agentRun('t1')), '--strict')).toMatchObject({ code: 0 })
  })

  it('reads standard input', async () => {
    const args = ['import', '-', '--json', '--db', backend.url()]
    const { code, stderr, json } = await runCommand(args, { input: `${agentRun('t9')}\nnonsense\n` })
    expect(code).toBe(0)
    expect(json()).toMatchObject({ traces: 1, spans: 3, rejected: 1 })
    expect(stderr).toMatch(/^<stdin>:2: /)
  })

  it('counts a trace that stands in two files once', async () => {
    const [one, two] = [await file('one.jsonl', agentRun('t1')), await file('two.jsonl', agentRun('t1'))]
    expect((await run(one, two, '--json')).json()).toMatchObject({ traces: 1, spans: 6 })
  })

  it('ends with 1 for a file of no known format, and imports the others', async () => {
    const [table, good] = [await file('table.csv', 'a,b\n1,2\n'), await file('good.jsonl', agentRun('t1'))]
    const alone = await run(table, '--json')
    expect(alone).toMatchObject({ code: 1, stdout: '' })
    expect(alone.stderr).toMatch(/^tracehold: .+table\.csv: .+OTLP\/JSON.+\n$/)
    const both = await run(table, good, '--json')
    expect(both).toMatchObject({ code: 1, stderr: alone.stderr })
    expect(both.json()).toMatchObject({ traces: 1, spans: 3, rejected: 2 })
  })
})

describe('tracehold import', () => {
  it('looks at all files before it touches the database', async () => {
    const good = await file('good.jsonl', agentRun('t1'))
    const missing = await runCommand(['import', good, 'no-such-file.jsonl'], { cwd: folder })
    expect(missing).toMatchObject({
      code: 1,
      stderr: 'tracehold: There is no file no-such-file.jsonl.\nCheck the path.\n',
    })
    const directory = await runCommand(['import', folder], { cwd: folder })
    expect(directory).toMatchObject({ code: 1, stderr: expect.stringContaining('is a folder') })
    expect(existsSync(join(folder, '.tracehold'))).toBe(false)
  })

  it('uses .tracehold/traces.db when nothing names a database', async () => {
    const good = await file('good.jsonl', agentRun('t1'))
    expect(await runCommand(['import', good], { cwd: folder })).toMatchObject({ code: 0 })
    expect(existsSync(join(folder, '.tracehold/traces.db'))).toBe(true)
  })

  it('reads compressed files, whatever they are called; of one that is cut, what is before that', async () => {
    const path = join(folder, 'good.jsonl')
    await writeFile(path, gzipSync(`${agentRun('t1')}\n`))
    expect((await runCommand(['import', path, '--json'], { cwd: folder })).json()).toMatchObject({
      traces: 1,
      spans: 3,
    })
    const runs = Array.from({ length: 2000 }, (_, n) => `${agentRun(`cut${n}`)}\n`).join('')
    await writeFile(path, gzipSync(runs).subarray(0, -100))
    const { code, stderr } = await runCommand(['import', path, '--db', 'cut.db'], { cwd: folder })
    expect(code).toBe(1)
    expect(stderr).toMatch(
      /cut or broken after \d+ bytes; the \d+ bytes of text before were read. Stored before: \d{4} spans/,
    )
    const { json } = await runCommand(['traces', 'list', '--db', 'cut.db', '--limit', '1', '--json'], { cwd: folder })
    expect(json()).toMatchObject({ items: [{ spanCount: 3 }] })
  })

  it('tells which database is not for it, and what is', async () => {
    expect(await runCommand(['migrate', '--db', 'other.db'], { cwd: folder })).toMatchObject({ code: 0 })
    const { code, stderr } = await runCommand(['import', join(folder, 'other.db'), '--db', 'new.db'], { cwd: folder })
    expect(code).toBe(1)
    expect(stderr).toMatch(/an SQLite database that is none of selectools or agentprobe .*tracehold copy FROM TO/)
  })

  it('finds nothing in an empty file, which is no error', async () => {
    const empty = await file('empty.jsonl', '')
    const { code, json } = await runCommand(['import', empty, '--json', '--strict'], { cwd: folder })
    expect(code).toBe(0)
    expect(json()).toEqual(nothing)
  })
})
