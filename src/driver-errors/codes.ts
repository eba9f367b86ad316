/** What the codes of databases, of systems and of Node mean. Their spelling: `DriverError`. */
export const codes = {
  /** A connection was lost, or none could be made. */
  connection:
    /^(08|57P0[1-35]|ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|CONNECTION_|CONNECT_TIMEOUT|CLICKHOUSE_REPLY|ERR_STREAM_PREMATURE_CLOSE|Z_)/,
  /** The server does not let this user in, or has no such database. */
  refusedEntry: /^(28|3D000|CLICKHOUSE_(81|192|193|194|516)$)/,
  /** What Node says of certificates; the words come from OpenSSL. */
  refusedCertificate: /^(SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_|CERT_|HOSTNAME_MISMATCH|ERR_TLS_|ERR_SSL_|EPROTO)/,
  unusableFile: /^(SQLITE_CANTOPEN|SQLITE_NOTADB|EACCES|EPERM|ENOENT|ENOTDIR|EEXIST|EROFS)/,
  transaction: /^(40001|40P01|55P03|SQLITE_BUSY|SQLITE_LOCKED)/,
  /** The statement was stopped for it took too long. */
  stopped: /^(57014$|CLICKHOUSE_(159|160)$)/,
  /** The server is busy or full for now, starts, or lost a part of itself. */
  busy: /^(53|CLICKHOUSE_(202|209|210|241|242|252|279|285|319|999)$)/,
  /** A row is refused, and others may not be. */
  data: /^(22|23|5400[01]|SQLITE_CONSTRAINT|SQLITE_MISMATCH|SQLITE_TOOBIG|CLICKHOUSE_(6|26|27|38|41|53|69|70|72|117|407|469)$)/,
} as const

/** What drivers report in words, without a code. */
export const uncoded = {
  lostConnection: /^(timeout expired|Connection terminated|Client (was closed|has encountered a connection error))/,
  /** The words of pg for a server without TLS. */
  noTls: /^The server does not support SSL connections/,
  /** ClickHouse's client waited too long. */
  timeout: /^Timeout error\.$/,
  noConnection: /^timeout exceeded when trying to connect/,
  closedFile: /^The database connection is not open/,
} as const
