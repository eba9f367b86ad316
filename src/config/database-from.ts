import { type PostgresAddress, parsePostgresUrl } from '../engines/postgres/url.ts'
import { defaultUrl } from './schema.ts'
import { settings } from './settings.ts'
import type { Given, Source } from './sources.ts'

/** A value and the source that gave it. */
export interface Named extends Given {
  /** Empty for what nobody gave. */
  readonly source: string
}

/** Which database the sources mean. */
export interface DatabaseFrom {
  readonly url: Named
  /** The sources, with what the URL itself says of TLS, time limits and the like: it wins over its own source. */
  readonly sources: readonly Source[]
}

const byKey = new Map(settings.map((setting) => [setting.key, setting]))
/** The pieces of an address that say which database is meant, not just who comes. */
const whereabouts = ['server.host', 'server.port', 'server.database']

/** What a source says of a setting, by the setting's key. */
const ask = (source: Source, key: string): Given | undefined => {
  const setting = byKey.get(key)
  return setting && source.find(setting)
}

/**
 * A URL wins over the pieces (`DB_HOST`, …) of the same source and of those below it. Pieces of a higher source win over
 * the URL of a lower one if they say where the database is; where nobody gives a URL, any DB_* name means PostgreSQL.
 */
export function databaseFrom(sources: readonly Source[]): DatabaseFrom {
  for (const [n, source] of sources.entries()) {
    const url = ask(source, 'url')
    if (url) {
      const place = source.name === 'options' ? n + 1 : n
      return { url: { ...url, source: source.name }, sources: sources.toSpliced(place, 0, parametersOf(url.value)) }
    }
    if (whereabouts.some((key) => ask(source, key))) return { url: compose(sources), sources }
  }
  const url = sources.some(hasNameOfPostgres) ? compose(sources) : { key: 'default', value: defaultUrl, source: '' }
  return { url, sources }
}

const hasNameOfPostgres = (source: Source) =>
  settings.some((setting) => source.find(setting)?.key.startsWith('DB_') === true)

/** The URL that the pieces make, as far as they can be used: each is checked as a setting of its own. */
function compose(sources: readonly Source[]): Named {
  const piece = (name: string): Named | undefined => {
    for (const source of sources) {
      const given = ask(source, `server.${name}`)
      if (given) return { ...given, source: source.name }
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
  const [named] = ['host', 'port', 'database', 'user', 'password'].map(piece).filter((found) => found !== undefined)
  const value = `postgres://${credentials}@${servers}${database ? `/${database}` : ''}`
  return { key: named?.key ?? 'DB_*', value, source: named?.source ?? 'environment' }
}

// A port that is none is told of as the setting that it is.
const isPort = (value: unknown): value is number =>
  Number.isInteger(value) && Number(value) > 0 && Number(value) < 65_536

/** One host or several, an IPv6 address, or the folder of a Unix socket, as a URL has it. */
function hostsOf(written: string, port: number): string {
  if (/^[0-9a-f:.]*:[0-9a-f:.]*:/i.test(written)) return `[${written}]:${port}`
  const hosts = written
    .split(',')
    .map((host) => (/^[\w.-]+:\d+$/.test(host) ? host : `${encodeURIComponent(host)}:${port}`))
  return hosts.join(',')
}

/** What the parameters of a PostgreSQL URL say, as a source. */
function parametersOf(url: unknown): Source {
  const said = typeof url === 'string' ? addressOf(url) : undefined
  const values: Record<string, unknown> = {
    'tls.mode': said?.tls.mode,
    'tls.caFile': said?.tls.caFile,
    'tls.certFile': said?.tls.certFile,
    'tls.keyFile': said?.tls.keyFile,
    applicationName: said?.applicationName,
    connectTimeoutMs: said?.connectTimeoutMs,
    statementTimeoutMs: said?.statementTimeoutMs,
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
    return undefined // the check of the URL says why
  }
}
