import { createGunzip, createInflate, type Gunzip, type Inflate } from 'node:zlib'
import { Decompress } from 'fzstd'
import { FormatError } from '../errors.ts'

type Pieces = AsyncIterable<Uint8Array | string>

/** Compressed bytes that are given to a decompressor at once: at most some 16 MiB of text come of them. */
const compressedAtOnce = 16 * 1024
/** Text and its ratio to the compressed bytes from which on a source is taken for a bomb: JSON shrinks to a hundredth at best. */
const bombBytes = 256 * 1024 * 1024
const bombRatio = 500

/**
 * A source as text: bytes that are compressed (gzip, zlib's deflate, zstd) or in UTF-16 are told by how they begin, not
 * by a name, and decoded as they come.
 *
 * @throws FormatError where compressed bytes are broken or cut, after everything before that was handed out; and for a
 *   source that grows beyond all measure when it is decompressed
 */
export async function* decodeSource(source: Pieces): AsyncGenerator<Uint8Array | string> {
  const iterator = source[Symbol.asyncIterator]()
  const head: (Uint8Array | string)[] = []
  let known = 0
  // Four bytes tell; pieces may be smaller.
  while (known < 4) {
    const { done, value } = await iterator.next()
    if (done) break
    head.push(value)
    if (typeof value === 'string') break
    known += value.length
  }
  const all = (async function* () {
    yield* head
    yield* { [Symbol.asyncIterator]: () => iterator }
  })()
  const [first] = head
  const begin =
    first === undefined || typeof first === 'string' ? undefined : Buffer.concat(head as Uint8Array[], known)
  yield* decoded(all, begin)
}

function decoded(source: Pieces, begin: Buffer | undefined): Pieces {
  if (begin === undefined) return source
  const [a = 0, b = 0, c = 0, d = 0] = begin
  if (a === 0x1f && b === 0x8b) return decodeSource(inflated(source, new ZlibDecompressor(createGunzip())))
  // RFC 1950: the method, and a header that 31 divides. No JSON begins with an x.
  if (a === 0x78 && (a * 256 + b) % 31 === 0)
    return decodeSource(inflated(source, new ZlibDecompressor(createInflate())))
  if (a === 0x28 && b === 0xb5 && c === 0x2f && d === 0xfd)
    return decodeSource(inflated(source, new ZstdDecompressor()))
  if ((a === 0xff && b === 0xfe) || (a !== 0 && b === 0 && d === 0)) return textOf(source, 'utf-16le')
  if ((a === 0xfe && b === 0xff) || (a === 0 && b !== 0)) return textOf(source, 'utf-16be')
  return source
}

async function* textOf(source: Pieces, encoding: string): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding)
  for await (const piece of source) yield typeof piece === 'string' ? piece : decoder.decode(piece, { stream: true })
  yield decoder.decode()
}

interface Decompressor {
  /** Takes bytes; answers with what came of them. Throws where they are broken. */
  push(bytes: Uint8Array): Promise<readonly Uint8Array[]>
  /** Answers with the rest. Throws where the source ended too early. */
  end(): Promise<readonly Uint8Array[]>
  /** What had come of bytes before the failure. */
  rest(): readonly Uint8Array[]
}

async function* inflated(source: Pieces, decompressor: Decompressor): AsyncGenerator<Uint8Array> {
  let [read, made] = [0, 0]
  const passed = function* (pieces: readonly Uint8Array[]) {
    for (const piece of pieces) {
      made += piece.length
      if (made > bombBytes && made > read * bombRatio) {
        throw new FormatError(`The compressed source grows to more than ${bombRatio} times its size: it is not read on`)
      }
      yield piece
    }
  }
  const broken = () =>
    new FormatError(
      `The compressed source is cut or broken after ${read} bytes; the ${made} bytes of text before were read`,
    )
  const attempt = async (work: () => Promise<readonly Uint8Array[]>) => {
    try {
      return { pieces: await work(), failed: false }
    } catch {
      return { pieces: decompressor.rest(), failed: true }
    }
  }
  for await (const piece of source) {
    const bytes = Buffer.from(piece as Uint8Array)
    for (let at = 0; at < bytes.length; at += compressedAtOnce) {
      const part = bytes.subarray(at, at + compressedAtOnce)
      read += part.length
      const { pieces, failed } = await attempt(() => decompressor.push(part))
      yield* passed(pieces)
      if (failed) throw broken()
    }
  }
  const { pieces, failed } = await attempt(() => decompressor.end())
  yield* passed(pieces)
  if (failed) throw broken()
}

/** gzip and deflate by Node's zlib. */
class ZlibDecompressor implements Decompressor {
  readonly #stream: Gunzip | Inflate
  #made: Uint8Array[] = []
  #failure: unknown

  constructor(stream: Gunzip | Inflate) {
    this.#stream = stream
    stream.on('data', (piece: Uint8Array) => this.#made.push(piece))
    stream.on('error', (error) => {
      this.#failure = error
    })
  }

  push(bytes: Uint8Array): Promise<readonly Uint8Array[]> {
    return this.#done((done) => this.#stream.write(bytes, done))
  }

  end(): Promise<readonly Uint8Array[]> {
    return this.#done((done) => {
      this.#stream.once('end', done)
      this.#stream.once('error', done)
      this.#stream.end()
    })
  }

  rest(): readonly Uint8Array[] {
    const made = this.#made
    this.#made = []
    return made
  }

  async #done(work: (done: (error?: unknown) => void) => void): Promise<readonly Uint8Array[]> {
    const error = await new Promise((resolve) => work(resolve))
    if (error ?? this.#failure) throw error ?? this.#failure
    return this.rest()
  }
}

/** zstd, which Node has only from version 22.15 on. */
class ZstdDecompressor implements Decompressor {
  #made: Uint8Array[] = []
  readonly #stream = new Decompress((piece) => this.#made.push(piece))

  async push(bytes: Uint8Array): Promise<readonly Uint8Array[]> {
    this.#stream.push(bytes)
    return this.rest()
  }

  async end(): Promise<readonly Uint8Array[]> {
    this.#stream.push(new Uint8Array(), true)
    return this.rest()
  }

  rest(): readonly Uint8Array[] {
    const made = this.#made
    this.#made = []
    return made
  }
}
