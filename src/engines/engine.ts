import type { Pool } from './pool.ts'

/** What a backup or a restore wrote. */
export interface BackupReport {
  readonly bytes: number
}

/** How a backup is written. */
export interface BackupOptions {
  /** Ends it with the signal's reason; nothing is left of it. */
  signal?: AbortSignal | undefined
}

/** How a backup is restored. */
export interface RestoreOptions extends BackupOptions {
  /** Whether a database that is there may go. @default false */
  replace?: boolean | undefined
}

/** What a database takes after it was shrunk, and before. */
export interface ShrinkReport extends BackupReport {
  readonly bytesBefore: number
}

/** Backups of a database that is one file. */
export interface DatabaseFiles {
  backup(to: string, options?: BackupOptions): Promise<BackupReport>
  restore(from: string, options?: RestoreOptions): Promise<BackupReport>
  shrink(options?: BackupOptions): Promise<ShrinkReport>
}

/** A database that a URL names. Nothing is opened yet. */
export interface Target<Options> {
  /** Where the data is, without a password. */
  readonly location: string
  /** The file or folder of this machine that holds the data, absolute. Undefined for a server and for memory. */
  readonly path: string | undefined
  /** The npm packages that opening it needs. */
  readonly drivers: readonly string[]
  /** Backups of it, where it is one file. @default none: the engine has tools of its own */
  readonly files?: DatabaseFiles
  /** Settings that the URL itself makes, by their key in the configuration, such as `tls.mode`. @default none */
  readonly settings?: Readonly<Record<string, unknown>>
  /**
   * Loads what `drivers` names as `open` would. Nothing is opened.
   *
   * @throws ConfigError when one is not installed or cannot be loaded
   */
  loadDrivers(): Promise<unknown>
  /**
   * @throws ConfigError when a driver is missing or an option is out of range; ConnectionError when a file cannot be
   *   opened
   */
  open(options: Options): Promise<Pool>
}

/** The address of a server in pieces, as `DB_HOST` and its like give it. */
export interface ServerPieces {
  readonly host?: string | undefined
  readonly port?: number | undefined
  readonly database?: string | undefined
  readonly user?: string | undefined
  readonly password?: string | undefined
}

/**
 * An engine as URLs name it. One line in `database-url.ts` registers it. To read a URL loads no pool: that and its drivers
 * are imported when a database is opened.
 */
export interface Engine<Options> {
  /** The schemes of its URLs, in lower case and without the colon. */
  readonly schemes: readonly string[]
  /** How its URLs are written, for messages. */
  readonly urlForms: readonly string[]
  /** Whether a pool reads from a replica when `replicaUrl` names one. @default false */
  readonly hasReplicas?: boolean
  /**
   * Reads a URL of one of its schemes.
   *
   * @param cwd the folder that a relative path starts from. @default the process's own
   * @throws ConfigError when it cannot be read; the message never holds a part of it that may be secret
   */
  parse(url: string, cwd?: string): Target<Options>
}
