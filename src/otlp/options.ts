import type { Signal } from '../formats/otlp/protobuf/decode.ts'

/** What became of a request: for logs and metrics of the program. It holds nothing of what was sent. */
export interface OtlpRequestReport {
  /** Undefined where the path names none. */
  readonly signal: Signal | undefined
  readonly method: string
  /** The path without its query. */
  readonly path: string
  /** The address that it came from, which may be a proxy's; undefined for the web's `Request`, which has none. */
  readonly client: string | undefined
  readonly status: number
  /** The project that was written to; undefined where it did not come to that. */
  readonly projectId: string | undefined
  /** Bytes of the body as they were sent. */
  readonly bytes: number
  /** Spans, log records or points that were stored. */
  readonly records: number
  /** Parts that were left out. */
  readonly rejected: number
  readonly durationMs: number
  /** What was wrong, as the sender was told. */
  readonly message: string | undefined
}

/** How an OTLP endpoint answers. */
export interface OtlpHandlerOptions {
  /**
   * Whether a request may write: `false` is answered with 401, 403 with itself. It runs before the body is read.
   * @default everybody may
   */
  authorize?: ((request: Request) => boolean | 401 | 403 | Promise<boolean | 401 | 403>) | undefined
  /**
   * The project of a request: the value of a header, or what the function says. Without one it is the store's.
   * Whoever may write chooses the project by a header: use it behind a proxy that sets it, or check it in `authorize`.
   * @default the store's project
   */
  project?:
    | { readonly header: string }
    | ((request: Request) => string | undefined | Promise<string | undefined>)
    | undefined
  /** Bytes of a body, also when it is decompressed; a larger one is answered with 413. @default 16 MiB */
  maxBytes?: number | undefined
  /** Bytes of bodies that are read or wait for the database; beyond it the answer is 429. @default 64 MiB */
  maxPendingBytes?: number | undefined
  /** How long a body may take to arrive, in milliseconds; then the answer is 408. @default 30000 */
  bodyTimeoutMs?: number | undefined
  /**
   * How long a request waits for the database, in milliseconds; then the answer is 503, and the sender tries again.
   * Exporters wait 10 seconds by default. @default 8000
   */
  commitTimeoutMs?: number | undefined
  /** Origins of pages that may send from a browser, or `true` for all. @default none */
  cors?: true | readonly string[] | undefined
  /** Called after every answer. What it throws is reported as a process warning. */
  onRequest?: ((report: OtlpRequestReport) => void) | undefined
}

/** Every option that has a default, with its value. */
export const otlpDefaults = {
  maxBytes: 16 * 1024 * 1024,
  maxPendingBytes: 64 * 1024 * 1024,
  bodyTimeoutMs: 30_000,
  commitTimeoutMs: 8_000,
} as const satisfies Partial<OtlpHandlerOptions>

/** The options, with those that have a default. */
export type OtlpSettings = OtlpHandlerOptions & { readonly [K in keyof typeof otlpDefaults]: number }
