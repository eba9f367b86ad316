import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Target } from '../config/url.ts'

const require = createRequire(import.meta.url)

/** The packages that each engine needs. */
export const driversOf: Record<Target['engine'], readonly string[]> = {
  sqlite: ['better-sqlite3'],
  postgres: ['postgres', 'pg', 'pg-copy-streams'],
}

/** The version of an installed package; undefined where it is not installed. */
export function installedVersion(name: string): string | undefined {
  let entry: string
  try {
    entry = require.resolve(name)
  } catch {
    return undefined
  }
  // Not every package lets its package.json be imported, so it is looked for above the entry file.
  for (let folder = dirname(entry); folder !== dirname(folder); folder = dirname(folder)) {
    const found = readPackage(join(folder, 'package.json'))
    if (found?.name === name) return found.version
  }
  return undefined
}

function readPackage(path: string): { name?: string; version?: string } | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}
