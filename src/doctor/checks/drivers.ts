import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Finding, failed, ok } from '../../engines/finding.ts'
import { moduleRequire } from '../../module-require.ts'
import type { Setup } from '../subject.ts'

/** Whether the packages that this configuration needs are installed, and can be loaded by this Node. */
export async function checkDrivers(setup: Setup): Promise<Finding> {
  const names = driversOf(setup)
  const versions = names.map((name) => ({ name, version: installedVersion(name) }))
  const missing = versions.filter(({ version }) => version === undefined).map(({ name }) => name)
  if (missing.length > 0) {
    const verb = missing.length === 1 ? 'is' : 'are'
    return failed(`${missing.join(', ')} ${verb} not installed`, `Run: npm install ${missing.join(' ')}`)
  }
  await setup.target.loadDrivers()
  return ok(versions.map(({ name, version }) => `${name} ${version}`).join(', '))
}

const driversOf = ({ target, config }: Setup): readonly string[] =>
  config.redis?.url === undefined ? target.drivers : [...target.drivers, 'ioredis']

/** The version of an installed package; undefined where it is not installed. */
function installedVersion(name: string): string | undefined {
  let entry: string
  try {
    entry = moduleRequire().resolve(name)
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
