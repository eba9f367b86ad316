import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { checkSqliteAddon } from '../../engines/load-driver.ts'
import { type Finding, failed, ok } from '../finding.ts'
import type { Setup } from '../subject.ts'

const require = createRequire(import.meta.url)

/** Whether the packages that this configuration needs are installed, and fit this Node. */
export function checkDrivers(setup: Setup): Finding {
  const names = driversOf(setup)
  const versions = names.map((name) => ({ name, version: installedVersion(name) }))
  const missing = versions.filter(({ version }) => version === undefined).map(({ name }) => name)
  if (missing.length > 0) {
    const verb = missing.length === 1 ? 'is' : 'are'
    return failed(`${missing.join(', ')} ${verb} not installed`, `Run: npm install ${missing.join(' ')}`)
  }
  if (setup.target.engine === 'sqlite') checkSqliteAddon()
  return ok(versions.map(({ name, version }) => `${name} ${version}`).join(', '))
}

function driversOf({ target, config }: Setup): readonly string[] {
  const redis = config.redis?.url === undefined ? [] : ['ioredis']
  switch (target.engine) {
    case 'sqlite':
      return ['better-sqlite3', ...redis]
    case 'postgres':
      return ['postgres', 'pg', 'pg-copy-streams', ...redis]
    case 'clickhouse':
      return ['@clickhouse/client', ...('path' in target.place ? ['chdb'] : []), ...redis]
  }
}

/** The version of an installed package; undefined where it is not installed. */
function installedVersion(name: string): string | undefined {
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
