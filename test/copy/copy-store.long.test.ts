import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, inject, it } from 'vitest'
import { openStore } from '../../src/index.ts'
import { root, runProgram } from '../schema/run-program.ts'
import { createDatabase } from '../servers/databases.ts'

const spans = Number(process.env.COPY_SPANS ?? 1_000_000)

it(`copies ${spans} spans from SQLite to PostgreSQL and back, equal, within 300 MB, and goes on after a kill`, async () => {
  const folder = mkdtempSync(join(inject('servers').directory, 'copy-'))
  const [source, back] = [`sqlite:${join(folder, 'source.db')}`, `sqlite:${join(folder, 'back.db')}`]
  const database = await createDatabase()
  const store = await openStore(source, { migrate: true })
  const start = Date.UTC(2026, 10, 1)
  function* rows() {
    for (let i = 0; i < spans; i += 1) {
      const startTime = new Date(start + i)
      const attributes = { 'gen_ai.request.model': 'gpt-4o', i, text: 'x'.repeat(200) }
      yield {
        traceId: `t${i >> 4}`,
        spanId: `s${i}`,
        name: 'chat',
        kind: 'llm' as const,
        startTime,
        inputTokens: i % 999,
        costUsd: i / 1e9,
        attributes,
      }
    }
  }
  await store.writers.spans.bulk(rows())
  await store.close()

  const progressFile = join(folder, 'progress.json')
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'copy-child.mjs'), source, database.url, progressFile],
    { cwd: root },
  )
  await once(child.stdout, 'data')
  child.kill('SIGKILL')
  await Promise.all([once(child, 'exit'), text(child.stdout)])

  for (const [from, to] of [
    [source, database.url],
    [database.url, back],
  ] as const) {
    const started = performance.now()
    const report = JSON.parse(
      (await runProgram('test/copy/copy-child.mjs', [from, to, progressFile])).trimEnd().split('\n').at(-1) ?? '',
    )
    console.log({ ...report, seconds: Math.round((performance.now() - started) / 1000) })
    expect(report).toMatchObject({ spans, equal: true })
    expect(report.megabytes).toBeLessThan(300)
  }
  await database.drop()
}, 3_600_000)
