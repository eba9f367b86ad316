import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inject } from 'vitest'
import type { ConfigPlaces } from '../../src/config/load-config.ts'

/** A folder of its own with these files, and nothing from this process's environment. */
export function placesWith(files: Record<string, string> = {}, env: Record<string, string> = {}): ConfigPlaces {
  const base = join(inject('servers').directory, 'config')
  mkdirSync(base, { recursive: true })
  const cwd = mkdtempSync(join(base, 'places-'))
  for (const [name, content] of Object.entries(files)) writeFileSync(join(cwd, name), content)
  return { env, cwd }
}
