import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, inject, it } from 'vitest'

const demo = join(import.meta.dirname, '../../examples/demo')

it('the traces of the demo are what their generator makes', async () => {
  const made = join(await mkdtemp(join(inject('servers').directory, 'demo-')), 'traces.otlp.jsonl')
  execFileSync(process.execPath, [join(demo, 'make-traces.mjs'), made])
  expect(await readFile(made, 'utf8')).toBe(await readFile(join(demo, 'traces.otlp.jsonl'), 'utf8'))
})
