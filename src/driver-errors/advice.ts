import { codes } from './codes.ts'
import type { DriverError } from './driver-error.ts'

const missingTables = 'The tables are missing: run `tracehold migrate`, or open the store with { migrate: true }.'
const wrongPassword = 'Check the user and the password in the URL.'

/** The next step for failures whose cause is usually the same. */
const byCode: readonly (readonly [RegExp, string])[] = [
  [/^ECONNREFUSED/, 'Is the server running, and is the port right?'],
  [/^(ENOTFOUND|EAI_AGAIN)/, 'Check the host name in the URL.'],
  [/^(CONNECT_TIMEOUT|ETIMEDOUT|EHOSTUNREACH)/, 'Check the host, the port and the firewall.'],
  [/^28P01/, wrongPassword],
  [/^28/, 'The server does not let this user in; check pg_hba.conf and the user.'],
  [/^3D000/, 'Create the database, or check its name in the URL.'],
  [/^(42P01|3F000)/, missingTables],
  [/^ERR_TLS_CERT_ALTNAME/, 'The certificate is not for this host: check the host, or use the TLS mode verify-ca.'],
  [
    codes.refusedCertificate,
    'The certificate is not trusted: check the TLS mode and the file of the authority (caFile).',
  ],
  [/^42501/, 'The role lacks a right on schema tracehold.'],
  [/^(SQLITE_CANTOPEN|EACCES|EPERM|ENOENT|ENOTDIR|EEXIST|EROFS)/, 'Check the path and its permissions.'],
  [/^SQLITE_READONLY/, 'The file or its folder is not writable by this user.'],
  [/^SQLITE_NOTADB/, 'The file is not an SQLite database.'],
  [/^(53100|SQLITE_FULL|CLICKHOUSE_243$)/, 'The disk is full.'],
  [/^CLICKHOUSE_60$/, missingTables],
  [/^CLICKHOUSE_81$/, 'Run `tracehold migrate`, which creates the database, or check its name in the URL.'],
  [/^CLICKHOUSE_(192|193|194|516)$/, wrongPassword],
  [/^CLICKHOUSE_497$/, 'The user lacks a right on the database.'],
  [/^CLICKHOUSE_164$/, 'The user may not change settings (readonly = 1); readonly = 2 lets it read.'],
  [/^CLICKHOUSE_252$/, 'Writes come in smaller parts than the server can merge: send larger batches.'],
  [/^CLICKHOUSE_REPLY$/, 'Check the host and the port in the URL: ClickHouse answers HTTP on 8123.'],
]

/** What to do about a failure of a database, where it is known. */
export function adviceOn({ driverCode = '', message }: DriverError): string | undefined {
  // SQLite has no code of its own for it.
  if (driverCode === 'SQLITE_ERROR' && /^no such table/.test(message)) return missingTables
  return byCode.find(([pattern]) => pattern.test(driverCode))?.[1]
}
