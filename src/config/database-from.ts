import { type PostgresAddress, parsePostgresUrl } from '../engines/postgres/url.ts'
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
 * URL of a lower one if they name a database. Without any URL, a DB_* name means PostgreSQL.
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
  const url = sources.some(hasNameOfPostgres) ? compose(sources) : { key: 'default', value: defaultUrl, source: '' }
  return { url, sources }
}

const hasNameOfPostgres = (source: Source) =>
  settings.some((setting) => source.find(setting)?.key.startsWith('DB_') === true)

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
    return typeof value === 'string' ? encodeURIComponent(value) : undefined
  }
  const host = piece('host')?.value
  const port = piece('port')?.value
  const servers = hostsOf(typeof host === 'string' ? host : 'localhost', isPort(port) ? port : 5432)
  const [password, database] = [text('password'), text('database')]
  const credentials = `${text('user') ?? 'postgres'}${password ? `:${password}` : ''}`
  const [first] = ['host', 'port', 'database', 'user', 'password'].map(piece).filter((found) => found !== undefined)
  const value = `postgres://${credentials}@${servers}${database ? `/${database}` : ''}`
  return { key: first?.key ?? 'DB_*', value, source: first?.source ?? 'environment' }
}

const isPort = (value: unknown): value is number =>
  Number.isInteger(value) && Number(value) > 0 && Number(value) < 65_536

/** Hosts (one, several, an IPv6 address, or the folder of a Unix socket) as they are written in a URL. */
function hostsOf(written: string, port: number): string {
  if (/^[0-9a-f:.]*:[0-9a-f:.]*:/i.test(written)) return `[${written}]:${port}`
  const hosts = written
    .split(',')
    .map((host) => (/^[\w.-]+:\d+$/.test(host) ? host : `${encodeURIComponent(host)}:${port}`))
  return hosts.join(',')
}

/** The parameters of a PostgreSQL URL as a source. */
function parametersOf(url: unknown): Source {
  const address = typeof url === 'string' ? addressOf(url) : undefined
  const values: Record<string, unknown> = {
    'tls.mode': address?.tls.mode,
    'tls.caFile': address?.tls.caFile,
    'tls.certFile': address?.tls.certFile,
    'tls.keyFile': address?.tls.keyFile,
    applicationName: address?.applicationName,
    connectTimeoutMs: address?.connectTimeoutMs,
    statementTimeoutMs: address?.statementTimeoutMs,
  }
  return {
    name: 'the URL',
    find: ({ key }) => (values[key] === undefined ? undefined : { key, value: values[key] }),
  }
}

function addressOf(url: string): PostgresAddress | undefined {
  try {
    return /^postgres(ql)?:/i.test(url) ? parsePostgresUrl(url) : undefined
  } catch {
    return undefined // the setting `url` reports the fault
  }
}
