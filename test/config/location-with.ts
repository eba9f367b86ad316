import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ConfigLocation } from '../../src/config/config.ts'

const base = mkdtempSync(join(tmpdir(), 'tracehold-config-'))

process.once('exit', () => rmSync(base, { recursive: true, force: true }))

/** A folder of its own with these files, and nothing from this process's environment. */
export function locationWith(files: Record<string, string> = {}, env: Record<string, string> = {}): ConfigLocation {
  const cwd = mkdtempSync(join(base, 'location-'))
  for (const [name, content] of Object.entries(files)) writeFileSync(join(cwd, name), content)
  return { env, cwd }
}
