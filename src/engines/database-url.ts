import { ConfigError } from '../errors.ts'
import { clickhouseEngine } from './clickhouse/engine.ts'
import { clickhousePoolDefaults } from './clickhouse/options.ts'
import type { Engine, Target as TargetOf } from './engine.ts'
import { postgresEngine } from './postgres/engine.ts'
import { postgresPoolDefaults } from './postgres/options.ts'
import { postgresUrl } from './postgres/url.ts'
import { sqliteEngine } from './sqlite/engine.ts'
import { sqlitePoolDefaults } from './sqlite/options.ts'

/** The engines, a line each. */
const engines = [
  sqliteEngine, // a path without a scheme is the first one's
  postgresEngine,
  clickhouseEngine,
] as const

type OptionsOf<E> = E extends Engine<infer Options> ? Options : never
type AllOf<U> = (U extends unknown ? (each: U) => void : never) extends (all: infer A) => void ? A : never

/** The options of all engines; a pool ignores those of the others. */
export type EngineOptions = AllOf<OptionsOf<(typeof engines)[number]>>

/** A database that a URL names, of any engine. */
export type Target = TargetOf<EngineOptions>

/** The defaults of all engines' options, for those who show a configuration. An option has one default on all engines. */
export const poolDefaults = { ...clickhousePoolDefaults, ...sqlitePoolDefaults, ...postgresPoolDefaults } as const

/** How database URLs are written, for messages. */
export const urlForms = `${engines.flatMap(({ urlForms }) => urlForms).join(', ')}, or a path to an SQLite file`

/**
 * Reads a database URL. A value without a scheme is the path of an SQLite file.
 *
 * @param cwd the folder that a relative path starts from. @default the process's own
 * @throws ConfigError when the scheme is unknown or the URL cannot be read; the message never holds the password
 */
export function parseDatabaseUrl(url: string, cwd?: string): Target {
  const scheme = schemeOf(url)
  if (scheme === undefined) {
    // A path may begin with a drive, but it holds no user and password.
    if (/:.*@/.test(url.replace(/^[a-z]:[/\\]/i, ''))) {
      throw new ConfigError(`This looks like the address of a server without its scheme. Accepted: ${urlForms}.`)
    }
    return sqliteEngine.parse(url, cwd)
  }
  const engine = engineOf(scheme)
  if (engine) return engine.parse(url, cwd)
  // Without the slashes it may be no scheme but a user, or worse.
  const shown = url.startsWith('//', scheme.length + 1) ? ` '${scheme}:'` : ''
  throw new ConfigError(`Unknown database URL scheme${shown}. Accepted: ${urlForms}.`)
}

/**
 * Reads the URL of a replica.
 *
 * @throws ConfigError when it cannot be read, or its engine has no replicas
 */
export function parseReplicaUrl(url: string): Target {
  const engine = engineOf(schemeOf(url))
  if (engine?.hasReplicas) return engine.parse(url)
  const forms = engines.flatMap((each: Engine<never>) => (each.hasReplicas ? each.urlForms : []))
  throw new ConfigError(`The URL of a replica cannot be read. Accepted: ${forms.join(', ')}.`)
}

/** The URL of a server whose address is given in pieces: `DB_HOST` and the names beside it are PostgreSQL's. */
export const serverUrl = postgresUrl

const schemeOf = (url: string) => /^([a-z][a-z0-9+.-]+):/i.exec(url)?.[1]?.toLowerCase()

const engineOf = (scheme: string | undefined): Engine<EngineOptions> | undefined =>
  engines.find(({ schemes }) => scheme !== undefined && schemes.includes(scheme))
