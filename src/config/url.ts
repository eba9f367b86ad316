import { ConfigError } from '../errors.ts'

/** Where a store's data is, read from a URL. */
export type Target =
  | { readonly engine: 'sqlite'; readonly path: string; readonly location: string }
  | { readonly engine: 'postgres'; readonly url: string; readonly location: string }

const accepted = 'sqlite:PATH, postgres://USER:PASSWORD@HOST:PORT/DATABASE, or a path to an SQLite file'

/**
 * Reads a database URL. A value without a scheme is the path of an SQLite file.
 *
 * @throws ConfigError when the scheme is unknown or the URL cannot be read; the message never holds the password
 */
export function parseDatabaseUrl(url: string): Target {
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(url)?.[1]?.toLowerCase()
  switch (scheme) {
    case undefined:
      return sqlite(url)
    case 'sqlite':
    case 'file':
      return sqlite(url.slice(scheme.length + 1).replace(/^\/\//, ''))
    case 'postgres':
    case 'postgresql':
      return postgres(url)
    default:
      throw new ConfigError(`Unknown database URL scheme '${scheme}:'. Accepted: ${accepted}.`)
  }
}

function sqlite(path: string): Target {
  if (path === '') throw new ConfigError('The SQLite URL names no file. Write sqlite:traces.db, or sqlite::memory:.')
  return { engine: 'sqlite', path, location: `sqlite:${path}` }
}

function postgres(url: string): Target {
  let parsed: URL
  try {
    parsed = new URL(url)
  } catch {
    throw new ConfigError(
      'The postgres URL cannot be read. Write postgres://USER:PASSWORD@HOST:PORT/DATABASE, and percent-encode ' +
        'characters such as @ : / # in the user and the password.',
    )
  }
  parsed.password = ''
  parsed.searchParams.delete('password')
  return { engine: 'postgres', url, location: parsed.href }
}
