/** A request, whatever server it came to. */
export interface Incoming {
  readonly method: string
  /** The path, without the query. */
  readonly path: string
  /** The address that it came from; undefined where the server does not say. */
  readonly client?: string | undefined
  header(name: string): string | undefined
  /** The body as it comes, or what a parser before us made of it. */
  readonly body: AsyncIterable<Uint8Array> | Uint8Array | ParsedBody
  /** The request without its body, for functions of the program. */
  request(): Request
}

/** JSON that was parsed before it came here. */
export interface ParsedBody {
  readonly json: unknown
}

/** What is sent back. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}
