import { readFileSync } from 'node:fs'
import { ConfigError } from '../../errors.ts'
import { moduleRequire } from '../../module-require.ts'

/**
 * Stops before an addon is loaded that would crash the process: better-sqlite3 13 and later need Node 22.
 *
 * @throws ConfigError when the two do not fit
 */
export function checkSqliteAddon(nodeVersion = process.versions.node, addonVersion = installedVersion()): void {
  if (addonVersion === undefined) return
  if (major(addonVersion) >= 13 && major(nodeVersion) < 22) {
    throw new ConfigError(
      `better-sqlite3 ${addonVersion} needs Node 22 or newer and this is Node ${nodeVersion}. ` +
        'Run: npm install better-sqlite3@12, or use a newer Node.',
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
