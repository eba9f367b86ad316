import { parseDatabaseUrl, serverUrl } from '../engines/database-url.ts'
import { defaultUrl } from './schema.ts'
import { settings } from './settings.ts'
import type { RawValue, Source } from './sources.ts'

/** A value and the name of its source. */
export interface SourcedValue extends RawValue {
  /** Empty for a default. */
  readonly source: string
}

/** The database that the sources name. */
export interface DatabaseFrom {
  readonly url: SourcedValue
  /** The sources, and the parameters of the URL (TLS, time limits) as one more. It wins over the URL's own source. */
  readonly sources: readonly Source[]
}

const byKey = new Map(settings.map((setting) => [setting.key, setting]))
/** The pieces of an address that name a database; the others name only a user. */
const addressKeys = ['server.host', 'server.port', 'server.database']

/** The value that a source has for a setting. */
const rawValue = (source: Source, key: string): RawValue | undefined => {
  const setting = byKey.get(key)
  return setting && source.find(setting)
}

/**
 * A URL wins over the pieces (`DB_HOST`, …) of its own source and of lower ones. Pieces of a higher source win over the
 * URL of a lower one if they name a database. Without any URL, a DB_* name means a server.
 */
export function databaseFrom(sources: readonly Source[]): DatabaseFrom {
  for (const [n, source] of sources.entries()) {
    const url = rawValue(source, 'url')
    if (url) {
      const index = source.name === 'options' ? n + 1 : n
      return { url: { ...url, source: source.name }, sources: sources.toSpliced(index, 0, parametersOf(url.value)) }
    }
    if (addressKeys.some((key) => rawValue(source, key))) return { url: compose(sources), sources }
  }
  const url = sources.some(namesServer) ? compose(sources) : { key: 'default', value: defaultUrl, source: '' }
  return { url, sources }
}

const namesServer = (source: Source) => settings.some((setting) => source.find(setting)?.key.startsWith('DB_') === true)

/** The URL that the pieces make. Invalid pieces are left out: each is a setting too, and is checked as such. */
function compose(sources: readonly Source[]): SourcedValue {
  const piece = (name: string): SourcedValue | undefined => {
    for (const source of sources) {
      const raw = rawValue(source, `server.${name}`)
      if (raw) return { ...raw, source: source.name }
    }
    return undefined
  }
  const text = (name: string) => {
    const value = piece(name)?.value
    return typeof value === 'string' ? value : undefined
  }
  const port = piece('port')?.value
  const [first] = ['host', 'port', 'database', 'user', 'password'].map(piece).filter((found) => found !== undefined)
  const value = serverUrl({
    host: text('host'),
    port: isPort(port) ? port : undefined,
    database: text('database'),
    user: text('user'),
    password: text('password'),
  })
  return { key: first?.key ?? 'DB_*', value, source: first?.source ?? 'environment' }
}

const isPort = (value: unknown): value is number =>
  Number.isInteger(value) && Number(value) > 0 && Number(value) < 65_536

/** What the parameters of a URL set, as a source. */
function parametersOf(url: unknown): Source {
  const values = typeof url === 'string' ? settingsOf(url) : {}
  return {
    name: 'the URL',
    find: ({ key }) => (values[key] === undefined ? undefined : { key, value: values[key] }),
  }
}

function settingsOf(url: string): Readonly<Record<string, unknown>> {
  try {
    return parseDatabaseUrl(url).settings ?? {}
  } catch {
    return {} // the setting `url` reports the fault
  }
}
