import { z } from 'zod'
import { retryDefaults } from '../engines/connect-retry.ts'
import { tlsModes } from '../engines/tls.ts'
import { decimal, duration, hourMs, oneOf, text, whole } from './setting.ts'

/** The address of a PostgreSQL server in pieces instead of a URL. */
export const server = z.object({
  host: text({
    description: 'The host of PostgreSQL, without a URL. A path is the folder of a Unix socket.',
    env: ['DB_HOST'],
    file: ['postgres.host'],
    accepted: 'a host name, an IP address or the folder of a Unix socket',
    defaultText: 'localhost',
  }),
  port: whole(1, 65_535, 5432, { description: 'Its port.', env: ['DB_PORT'], file: ['postgres.port'] }),
  database: text({
    description: 'Its database.',
    env: ['DB_NAME', 'DB_DATABASE'],
    file: ['postgres.database', 'postgres.name', 'postgres.dbname'],
    accepted: 'the name of a database',
    defaultText: "the user's name",
  }),
  user: text({
    description: 'The user.',
    env: ['DB_USER', 'DB_USERNAME'],
    file: ['postgres.username', 'postgres.user'],
    accepted: 'the name of a user',
    defaultText: 'postgres',
  }),
  password: text({
    description: 'The password.',
    env: ['DB_PASSWORD'],
    file: ['postgres.password'],
    accepted: 'text (in a file: in quotes, where it looks like a number)',
    secret: 'value',
  }),
})

const pemFile = (description: string, env: string[], key: string) =>
  text({ description, env, file: [`postgres.${key}`, `tls.${key}`], accepted: 'the path of a PEM file' })

/** How connections to it are encrypted. */
export const tls = z.object({
  mode: oneOf(tlsModes, 'prefer', {
    description: 'How connections to PostgreSQL are encrypted, as in libpq; allow means prefer.',
    env: ['DB_SSL_MODE', 'DB_SSLMODE', 'PGSSLMODE'],
    file: ['postgres.ssl_mode', 'postgres.sslmode', 'tls.mode'],
  }),
  caFile: pemFile(
    'Certificates of trusted authorities.',
    ['DB_SSL_CA', 'DB_SSL_ROOT_CERT', 'PGSSLROOTCERT'],
    'ca_file',
  ),
  certFile: pemFile("The client's certificate.", ['DB_SSL_CERT', 'PGSSLCERT'], 'cert_file'),
  keyFile: pemFile("The client's private key.", ['DB_SSL_KEY', 'PGSSLKEY'], 'key_file'),
})

/** How often it is tried. */
export const retry = z.object({
  maxAttempts: whole(1, 100, retryDefaults.maxAttempts, {
    description: 'How often a connection is tried in all.',
    env: ['DB_RETRY_MAX_ATTEMPTS', 'DB_RETRY_ATTEMPTS'],
    file: ['retry.max_attempts', 'retry.max_retries'],
  }),
  initialDelayMs: duration(0, hourMs, retryDefaults.initialDelayMs, {
    description: 'The longest wait before the second try. The actual wait is a random part of it.',
    env: ['DB_RETRY_INITIAL_DELAY_MS'],
    file: ['retry.initial_delay_ms'],
  }),
  maxDelayMs: duration(0, hourMs, retryDefaults.maxDelayMs, {
    description: 'The longest wait between two tries.',
    env: ['DB_RETRY_MAX_DELAY_MS'],
    file: ['retry.max_delay_ms'],
  }),
  multiplier: decimal(1, 100, retryDefaults.multiplier, {
    description: 'The factor by which the wait grows from try to try.',
    env: ['DB_RETRY_BACKOFF_MULTIPLIER', 'DB_RETRY_MULTIPLIER'],
    file: ['retry.backoff_multiplier', 'retry.multiplier'],
  }),
})
