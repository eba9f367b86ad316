import { resolve } from 'node:path'
import { ConfigError } from '../../errors.ts'

/** Where a ClickHouse database is: on a server, or in a directory of the embedded engine. */
export type ClickHouseAddress =
  | {
      /** `http://USER:PASSWORD@HOST:PORT`, without a database. */
      readonly url: string
      readonly database: string
    }
  | { readonly path: string; readonly database: string }

/** How the URLs are written, those of a server and those of a folder. */
export const urlForms = ['clickhouse://USER:PASSWORD@HOST:8123/DATABASE', 'chdb:PATH'] as const

/** The ClickHouse database that is used when a URL names none. */
export const defaultClickHouseDatabase = 'tracehold'

/** Parameters of the URL beside `secure`: ways in, and the server's own settings. The rest are settings of this package. */
const parameters = /^(access_token|pathname|(ch|clickhouse_setting|http_header)_.+)$/

const accepted = 'secure, access_token, pathname, ch_SETTING, http_header_NAME'

type Located = { readonly address: ClickHouseAddress; readonly location: string }

/**
 * Reads `clickhouse://…` or `chdb:…`, whose path becomes absolute.
 *
 * @throws ConfigError when it cannot be read; the message never holds the password
 */
export function parseClickHouseUrl(url: string, cwd = process.cwd()): Located {
  if (/^chdb:/i.test(url)) return clickhouseDirectory(url, cwd)
  // A password whose slash is not encoded would pass for the name of a database, and be shown as such.
  if (/^\w+:\/\/[^/?#]*[/?#].*@/.test(url)) {
    const forms = urlForms.join(', ')
    throw new ConfigError(`The URL cannot be read: percent-encode @ : / ? # in user and password. Accepted: ${forms}.`)
  }
  return clickhouseServer(url)
}

/**
 * Reads `clickhouse://USER:PASSWORD@HOST:8123/DATABASE`. HTTPS is asked for by `clickhouses:` or `?secure=true`.
 *
 * @throws ConfigError for a URL without a host, one that cannot be read, or an unknown parameter; the message never holds the password
 */
export function clickhouseServer(url: string): Located {
  const [, isSecureScheme, rest = ''] = /^clickhouse(s?):(?:\/\/)?(.*)$/is.exec(url) ?? []
  // `http:///database` is read as the host `database`.
  const parsed = rest.startsWith('/') ? undefined : readUrl(`http://${rest}`)
  const secure = parsed?.searchParams.get('secure') ?? 'false'
  const isReadable = parsed && [parsed.username, parsed.password, parsed.pathname].every(isEncoded)
  if (!isReadable || !parsed.hostname || !/^(true|false|1|0)$/.test(secure)) {
    throw new ConfigError(
      'The ClickHouse URL cannot be read. Write clickhouse://USER:PASSWORD@HOST:8123/DATABASE (clickhouses:// or ' +
        '?secure=true for HTTPS), and percent-encode characters such as @ : / # % in the user, the password and the database.',
    )
  }
  const isSecure = Boolean(isSecureScheme) || secure === 'true' || secure === '1'
  const database = decodeURIComponent(parsed.pathname.slice(1)) || defaultClickHouseDatabase
  parsed.searchParams.delete('secure')
  if ([...parsed.searchParams.keys()].some((name) => !parameters.test(name))) {
    throw new ConfigError(`The ClickHouse URL has an unknown parameter. Accepted: ${accepted}.`)
  }
  parsed.pathname = ''
  // A port that is http's own is not kept: 80 and 443 stand in no URL.
  const port = parsed.port || (/:80(?=[/?]|$)/.test(rest) ? '80' : isSecure ? '8443' : '8123')
  const target = new URL(parsed.href.replace(/^http:/, isSecure ? 'https:' : 'http:'))
  target.port = port
  const location = `clickhouse${isSecure ? 's' : ''}://${parsed.username ? `${parsed.username}@` : ''}${parsed.hostname}:${port}/${database}`
  return { address: { url: target.href, database }, location }
}

/**
 * Reads `chdb:PATH`, the directory of an embedded engine; `?database=NAME` chooses a database in it.
 *
 * @throws ConfigError when there is no path, or another parameter
 */
export function clickhouseDirectory(url: string, cwd?: string): Located {
  const [path = '', query = ''] = url
    .slice('chdb:'.length)
    .replace(/^\/\/(?=\/|\.)/, '')
    .split('?', 2)
  const { database = defaultClickHouseDatabase, ...others } = Object.fromEntries(new URLSearchParams(query))
  const [other] = Object.keys(others)
  if (path === '') throw new ConfigError('The chdb URL names no directory. Write chdb:./traces.')
  if (other !== undefined || database === '') {
    throw new ConfigError(`The chdb URL takes ?database=NAME and nothing else.`)
  }
  const location = `chdb:${path}${database === defaultClickHouseDatabase ? '' : `?database=${database}`}`
  return { address: { path: cwd === undefined ? path : resolve(cwd, path), database }, location }
}

function isEncoded(text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}

function readUrl(url: string): URL | undefined {
  try {
    return new URL(url)
  } catch {
    return undefined
  }
}
