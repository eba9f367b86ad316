import { userInfo } from 'node:os'
import { ConfigError } from '../../errors.ts'
import type { ServerPieces } from '../engine.ts'
import { type TlsOptions, tlsModes } from '../tls.ts'
import { checkParameters } from './url-parameters.ts'

/** A server's address: a host name or IP address, or the folder of a Unix socket. */
export interface ServerAddress {
  readonly host: string
  readonly port: number
}

/** What a PostgreSQL URL says, decoded. */
export interface PostgresAddress {
  /** In the order in which they are tried. */
  readonly hosts: readonly ServerAddress[]
  readonly user: string
  readonly password: string | undefined
  readonly database: string | undefined
  readonly tls: TlsOptions
  readonly applicationName: string | undefined
  readonly connectTimeoutMs: number | undefined
  readonly statementTimeoutMs: number | undefined
  /** Settings of the session, as `options=-c name=value` gives them. */
  readonly options: string | undefined
  /** Whether a server that takes no writes will do, where several are named. */
  readonly standbyWillDo: boolean
  /** The URL without a password. */
  readonly location: string
}

/** How a PostgreSQL URL is written. */
export const urlForm = 'postgres://USER:PASSWORD@HOST:PORT/DATABASE'

const unreadable =
  `The postgres URL cannot be read. Write ${urlForm}, and percent-encode ` +
  'characters such as @ : / # in the user and the password.'

/**
 * Reads a PostgreSQL URL as libpq does: several hosts, Unix sockets, percent-encoded credentials, TLS parameters.
 *
 * @throws ConfigError when it cannot be read; the message never holds a part of it that may be secret
 */
export function parsePostgresUrl(url: string): PostgresAddress {
  // No @ after the first slash: a password whose slash is not encoded would pass for the name of a database.
  const parts = /^postgres(?:ql)?:\/\/(?:([^/?#]*)@)?([^/?#@]*)(?:\/([^?#@]*))?(?:\?([^#]*))?$/i.exec(url)
  if (!parts) throw new ConfigError(unreadable)
  const [, credentials = '', authority = '', path = '', query = ''] = parts
  const [, name = '', secret] = /^([^:]*)(?::(.*))?$/.exec(credentials) ?? []
  const parameters = new URLSearchParams(query)
  checkParameters(parameters)
  const given = (key: string) => parameters.get(key) || undefined
  const user = decode(name) || given('user') || process.env.PGUSER || userInfo().username
  const database = decode(path) || given('dbname')
  const hosts = readHosts(authority, given('host'), given('port'))
  return {
    hosts,
    user,
    password: decode(secret ?? '') || given('password'),
    database,
    tls: readTls(given),
    applicationName: given('application_name'),
    connectTimeoutMs: readTime(given, 'connect_timeout', 1000),
    statementTimeoutMs: readTime(given, 'statement_timeout', 1),
    options: given('options'),
    standbyWillDo: readAttributes(given('target_session_attrs')),
    location: locationOf(name, authority, path, parameters),
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new ConfigError(unreadable)
  }
}

function readHosts(authority: string, host = '', port = ''): ServerAddress[] {
  const names = (host || authority || process.env.PGHOST || 'localhost').split(',')
  const ports = port.split(',')
  return names.map((name, n) => {
    const [, address = '', ownPort] = /^(\[[^\]]+\]|[^:]*)(?::(\d*))?$/.exec(name) ?? []
    const number = Number(ownPort || (ports[n] ?? ports[0]) || process.env.PGPORT || 5432)
    if (address === '' || !Number.isInteger(number) || number < 1 || number > 65_535) throw new ConfigError(unreadable)
    return { host: decode(address).replace(/^\[(.*)\]$/, '$1'), port: number }
  })
}

function readTls(given: (key: string) => string | undefined): TlsOptions {
  const written = given('sslmode') ?? given('ssl')
  const mode = written && (aliases.get(written) ?? tlsModes.find((known) => known === written))
  if (written && !mode) throw new ConfigError(`sslmode in the postgres URL must be one of ${tlsModes.join(', ')}.`)
  const root = given('sslrootcert')
  return {
    mode: mode || (root === 'system' ? 'verify-full' : undefined),
    caFile: root === 'system' ? undefined : root,
    certFile: given('sslcert'),
    keyFile: given('sslkey'),
  }
}

const aliases = new Map([
  ['true', 'require'],
  ['1', 'require'],
  ['no-verify', 'require'],
  ['false', 'disable'],
  ['0', 'disable'],
] as const satisfies [string, (typeof tlsModes)[number]][]) as ReadonlyMap<string, (typeof tlsModes)[number]>

function readTime(given: (key: string) => string | undefined, key: string, unitMs: number): number | undefined {
  const written = given(key)
  if (written === undefined) return undefined
  if (!/^\d{1,7}$/.test(written)) throw new ConfigError(`${key} in the postgres URL must be a whole number, 0 or more.`)
  return Number(written) * unitMs || undefined
}

const attributes = ['any', 'read-write', 'primary']

function readAttributes(written: string | undefined): boolean {
  if (written === undefined) return false
  if (attributes.includes(written)) return written === 'any'
  throw new ConfigError(`target_session_attrs in the postgres URL must be one of ${attributes.join(', ')}.`)
}

function locationOf(user: string, authority: string, path: string, parameters: URLSearchParams): string {
  parameters.delete('password')
  const query = parameters.size > 0 ? `?${parameters}` : ''
  return `postgres://${user && `${user}@`}${authority}${path && `/${path}`}${query}`
}

/** The URL of a server whose address is given in pieces; what is missing is what PostgreSQL's own programs take. */
export function postgresUrl({ host = 'localhost', port = 5432, database, user = 'postgres', password }: ServerPieces) {
  const secret = password ? `:${encodeURIComponent(password)}` : ''
  const path = database ? `/${encodeURIComponent(database)}` : ''
  return `postgres://${encodeURIComponent(user)}${secret}@${hostsOf(host, port)}${path}`
}

/** One host or several, an IPv6 address, or the folder of a Unix socket, as a URL has it. */
function hostsOf(written: string, port: number): string {
  if (/^[0-9a-f:.]*:[0-9a-f:.]*:/i.test(written)) return `[${written}]:${port}`
  const hosts = written
    .split(',')
    .map((host) => (/^[\w.-]+:\d+$/.test(host) ? host : `${encodeURIComponent(host)}:${port}`))
  return hosts.join(',')
}
