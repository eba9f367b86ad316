import { resolve } from 'node:path'
import { ConfigError } from '../errors.ts'
import { type ClickHousePlace, clickhouseDirectory, clickhouseServer } from './clickhouse/url.ts'
import { type PostgresAddress, parsePostgresUrl } from './postgres/url.ts'

/** Where a store's data is, read from a URL. */
export type Target =
  | { readonly engine: 'sqlite'; readonly path: string; readonly location: string }
  | { readonly engine: 'postgres'; readonly address: PostgresAddress; readonly location: string }
  | { readonly engine: 'clickhouse'; readonly place: ClickHousePlace; readonly location: string }

const accepted =
  'sqlite:PATH, postgres://USER:PASSWORD@HOST:PORT/DATABASE, clickhouse://USER:PASSWORD@HOST:8123/DATABASE, chdb:PATH, ' +
  'or a path to an SQLite file'

/**
 * Reads a database URL. A value without a scheme is the path of an SQLite file.
 *
 * @param cwd the folder that a relative path starts from. @default the process's own
 * @throws ConfigError when the scheme is unknown or the URL cannot be read; the message never holds the password
 */
export function parseDatabaseUrl(url: string, cwd?: string): Target {
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(url)?.[1]?.toLowerCase()
  switch (scheme) {
    case undefined:
      // A path may begin with a drive, but user and password do not stand in one.
      if (/:.*@/.test(url.replace(/^[a-z]:[/\\]/i, ''))) {
        throw new ConfigError(`This looks like the address of a server without its scheme. Accepted: ${accepted}.`)
      }
      return sqlite(url, cwd)
    case 'sqlite':
    case 'file':
      return sqlite(url.slice(scheme.length + 1).replace(/^\/\//, ''), cwd)
    case 'postgres':
    case 'postgresql':
      return postgres(url)
    case 'clickhouse':
    case 'clickhouses':
      checkSlashes(url)
      return { engine: 'clickhouse', ...clickhouseServer(url) }
    case 'chdb':
      return { engine: 'clickhouse', ...clickhouseDirectory(url, cwd) }
    default:
      // Without the slashes it may be no scheme but a user, or worse.
      throw new ConfigError(
        `Unknown database URL scheme${url.startsWith('//', scheme.length + 1) ? ` '${scheme}:'` : ''}. Accepted: ${accepted}.`,
      )
  }
}

/** A password whose slash is not encoded would pass for the name of a database, and be shown as such. */
function checkSlashes(url: string): void {
  if (/^\w+:\/\/[^/?#]*[/?#].*@/.test(url)) {
    throw new ConfigError(
      `The URL cannot be read: percent-encode @ : / ? # in user and password. Accepted: ${accepted}.`,
    )
  }
}

function sqlite(path: string, cwd: string | undefined): Target {
  if (path === '') throw new ConfigError('The SQLite URL names no file. Write sqlite:traces.db, or sqlite::memory:.')
  const file = cwd === undefined || path === ':memory:' ? path : resolve(cwd, path)
  return { engine: 'sqlite', path: file, location: `sqlite:${path}` }
}

function postgres(url: string): Target {
  const address = parsePostgresUrl(url)
  return { engine: 'postgres', address, location: address.location }
}
