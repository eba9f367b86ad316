import { readFileSync } from 'node:fs'
import type Sqlite from 'better-sqlite3'
import { ConfigError } from '../../errors.ts'
import { moduleRequire } from '../../module-require.ts'
import { driverError, packageManagerOf } from '../load-driver.ts'

const name = 'better-sqlite3'

/**
 * Imports better-sqlite3 and loads its addon, which the import alone does not.
 *
 * @throws ConfigError when it is not installed, or its addon cannot be loaded; it names the command that mends it
 */
export async function loadSqlite(): Promise<typeof Sqlite> {
  checkSqliteAddon()
  try {
    const { default: Database } = await import('better-sqlite3')
    new Database(':memory:').close()
    return Database
  } catch (error) {
    throw driverError(name, error)
  }
}

/**
 * Stops before an addon is loaded that would crash the process: better-sqlite3 13 and later need Node 22.
 *
 * @throws ConfigError when the two do not fit
 */
export function checkSqliteAddon(nodeVersion = process.versions.node, addonVersion = installedVersion()): void {
  if (addonVersion === undefined) return
  if (major(addonVersion) >= 13 && major(nodeVersion) < 22) {
    const install = packageManagerOf(name) === 'pnpm' ? 'pnpm add' : 'npm install'
    throw new ConfigError(
      `better-sqlite3 ${addonVersion} needs Node 22 or newer and this is Node ${nodeVersion}. ` +
        `Run: ${install} better-sqlite3@12, or use a newer Node.`,
    )
  }
}

const major = (version: string) => Number(version.split('.', 1)[0])

function installedVersion(): string | undefined {
  try {
    return JSON.parse(readFileSync(moduleRequire().resolve('better-sqlite3/package.json'), 'utf8')).version
  } catch {
    return undefined
  }
}
