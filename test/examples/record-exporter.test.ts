import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, inject, it } from 'vitest'
import { runProgram } from '../schema/run-program.ts'

// Compiled against the package as it is published, and run as its readers would run it.
beforeAll(async () => {
  await runProgram('node_modules/typescript/bin/tsc', ['-p', 'examples/record-exporter'])
}, 120_000)

it('the examples of the record exporter run as they say', async () => {
  const folder = mkdtempSync(join(inject('servers').directory, 'records-'))
  const directory = join(folder, 'clickhouse')
  for (let i = 0; i < 2; i += 1) {
    const args = [`chdb:${directory}`, `sqlite:${join(folder, 'records.db')}`]
    const exported = await runProgram('build/record-exporter/export-traces.js', args)
    expect(exported.trimEnd().split('\n').sort()).toEqual(['run-0: SUCCESS', 'run-1: SUCCESS', 'run-2: SUCCESS'])
  }
  // Exported twice, stored once.
  const answers = await runProgram('build/record-exporter/questions.js', [directory])
  expect(answers).toBe('search: 0.5 USD\npayments: 0.25 USD\ngpt-4o: p99 ? ms\nsupport: 3840 tokens\n')
}, 60_000)
