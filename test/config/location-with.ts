import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inject } from 'vitest'
import type { ConfigLocation } from '../../src/config/config.ts'

/** A folder of its own with these files, and nothing from this process's environment. */
export function locationWith(files: Record<string, string> = {}, env: Record<string, string> = {}): ConfigLocation {
  const base = join(inject('servers').directory, 'config')
  mkdirSync(base, { recursive: true })
  const cwd = mkdtempSync(join(base, 'location-'))
  for (const [name, content] of Object.entries(files)) writeFileSync(join(cwd, name), content)
  return { env, cwd }
}
