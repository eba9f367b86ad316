import { ConfigError } from '../../errors.ts'

/** The parameters that a PostgreSQL URL is read for. */
const used = [
  ...['host', 'port', 'user', 'password', 'dbname', 'sslmode', 'ssl', 'sslrootcert', 'sslcert', 'sslkey', 'options'],
  ...['application_name', 'connect_timeout', 'statement_timeout', 'target_session_attrs'],
]

/** Parameters of libpq, of other clients and of providers that change nothing here. */
const harmless = new Set([
  ...['channel_binding', 'gssencmode', 'client_encoding', 'uselibpqcompat', 'sslnegotiation', 'sslsni', 'keepalives'],
  ...['keepalives_idle', 'keepalives_interval', 'keepalives_count', 'load_balance_hosts', 'fallback_application_name'],
  ...['tcp_user_timeout', 'sslcompression', 'min_protocol_version', 'max_protocol_version', 'sslkeylogfile'],
  // Of Prisma, Supabase and Vercel.
  ...['pgbouncer', 'connection_limit', 'pool_timeout', 'socket_timeout', 'statement_cache_size', 'schema'],
  ...['supa', 'workaround'],
])

const noGssapi = 'GSSAPI is not supported; log in with a password or a certificate'
const noRevocation = 'revocation lists are not read; let a proxy check them'
const noVersions = 'Node decides the version of TLS; start it with --tls-min-v1.3 or --tls-max-v1.2'
const noServices = 'service files are not read; write what the service says into the URL'
const noOauth = 'OAuth is not supported; log in with a password or a certificate'
const noScramKeys = 'SCRAM keys are not supported; write the password'

/** Parameters that mean something which is not done here, and what to do instead. */
const refused: Readonly<Record<string, string>> = {
  hostaddr: 'write the address as the host',
  passfile: 'password files are not read; write the password, or set DB_PASSWORD',
  requiressl: 'write sslmode=require',
  sslcertmode: 'a certificate is sent if sslcert names one',
  sslpassword: 'keys with a password are not read; store the key without one',
  sslcrl: noRevocation,
  sslcrldir: noRevocation,
  ssl_min_protocol_version: noVersions,
  ssl_max_protocol_version: noVersions,
  sslaccept: 'write sslmode',
  sslidentity: 'write sslcert and sslkey',
  require_auth: 'the server decides how to log in; write sslmode=verify-full to know the server',
  requirepeer: 'the owner of a socket is not checked',
  replication: 'connections for replication are not opened',
  krbsrvname: noGssapi,
  gsslib: noGssapi,
  gssdelegation: noGssapi,
  service: noServices,
  servicefile: noServices,
  scram_client_key: noScramKeys,
  scram_server_key: noScramKeys,
  oauth_issuer: noOauth,
  oauth_client_id: noOauth,
  oauth_client_secret: noOauth,
  oauth_scope: noOauth,
}

/**
 * Checks the names of a URL's parameters.
 *
 * @throws ConfigError for one that would be needed and is not read here, and for unknown ones
 */
export function checkParameters(parameters: URLSearchParams): void {
  const names = [...parameters.keys()]
  const unread = names.filter((name) => Object.hasOwn(refused, name))
  if (unread.length > 0) {
    const reasons = unread.map((name) => `${name}: ${refused[name]}`)
    throw new ConfigError(`The postgres URL has parameters that are not supported. ${reasons.join('. ')}.`)
  }
  const count = names.filter((name) => !used.includes(name) && !harmless.has(name)).length
  // Their names stay out of the message: what stands there may be a piece of a password that was not encoded.
  if (count > 0) {
    throw new ConfigError(`The postgres URL has ${count} unknown parameter(s) after '?'. Accepted: ${used.join(', ')}.`)
  }
}
