import * as zlib from 'node:zlib'
import { Decompress } from 'fzstd'
import { Refusal } from './refusal.ts'
import { isAffordableZstd } from './zstd-frames.ts'

/** Gives the pieces of what was compressed, each as soon as it is made. */
type Inflate = (bytes: Uint8Array, most: number) => AsyncIterable<Uint8Array> | Iterable<Uint8Array>

const pieceBytes = 64 * 1024

/** A decompressor of zlib, off this thread. */
const zlibBy =
  (open: (options: zlib.ZlibOptions) => zlib.Gunzip | zlib.Inflate | zlib.InflateRaw): Inflate =>
  (bytes) => {
    const stream = open({ chunkSize: pieceBytes })
    stream.end(bytes)
    return stream as AsyncIterable<Uint8Array>
  }

const gunzip = zlibBy(zlib.createGunzip)
const inflate = zlibBy(zlib.createInflate)
const inflateRaw = zlibBy(zlib.createInflateRaw)

const isGzip = ([first, second]: Uint8Array) => first === 0x1f && second === 0x8b
const isZstd = ([a, b, c, d]: Uint8Array) => a === 0x28 && b === 0xb5 && c === 0x2f && d === 0xfd
/** HTTP's deflate has zlib's header; some send it without one. */
const isZlib = ([first = 0, second = 0]: Uint8Array) => (first & 15) === 8 && (first * 256 + second) % 31 === 0

/** A content encoding: how bytes in it begin, and what they were before. */
interface Encoding {
  readonly isOf: (bytes: Uint8Array) => boolean
  readonly inflate: Inflate
}

const gzip: Encoding = { isOf: isGzip, inflate: gunzip }

/** By the names that HTTP has for them. */
const encodings: Readonly<Record<string, Encoding>> = {
  gzip,
  'x-gzip': gzip,
  deflate: { isOf: isZlib, inflate: (bytes, most) => (isZlib(bytes) ? inflate : inflateRaw)(bytes, most) },
  // Node itself has zstd only from version 22.15 on.
  zstd: { isOf: isZstd, inflate: unzstd },
}

/** Compressed bytes that zstd is given at once: they may be 8 megabytes. */
const zstdAtOnce = 256

function* unzstd(bytes: Uint8Array, most: number): Generator<Uint8Array> {
  if (!isAffordableZstd(bytes, most)) throw new Refusal(400, 'The zstd takes more memory or time than it is worth.')
  let made: Uint8Array[] = []
  const stream = new Decompress((piece) => made.push(piece))
  for (let at = 0; at < bytes.length; at += zstdAtOnce) {
    const end = Math.min(at + zstdAtOnce, bytes.length)
    stream.push(bytes.subarray(at, end), end === bytes.length)
    yield* made
    made = []
  }
}

/** What bounds the reading of a compressed body. */
interface Bounds {
  /** Bytes that it may have. */
  readonly most: number
  /** Called before bytes are kept. What it throws ends the work. */
  readonly take: (bytes: number) => void
}

/**
 * The bytes of a body before its content encoding. What grows beyond `most` is not decompressed on.
 *
 * @throws Refusal with 413 for one that is larger, with 415 for an unknown encoding, with 400 for what is cut or broken
 */
export async function decompress(bytes: Uint8Array, encoding: string, { most, take }: Bounds): Promise<Uint8Array> {
  const name = nameOf(encoding)
  if (isIdentity(name)) return bytes
  const known = Object.hasOwn(encodings, name) ? encodings[name] : undefined
  if (known === undefined) {
    const headers = { 'accept-encoding': 'gzip, zstd, deflate' }
    throw new Refusal(415, 'The content encoding must be gzip, zstd or deflate.', headers)
  }
  const pieces: Uint8Array[] = []
  let size = 0
  try {
    for await (const piece of known.inflate(bytes, most)) {
      size += piece.length
      if (size > most) throw Refusal.tooLarge(most)
      take(piece.length)
      pieces.push(piece)
    }
  } catch (error) {
    if (error instanceof Refusal) throw error
    throw new Refusal(400, `The body is not whole ${name}.`)
  }
  return Buffer.concat(pieces, size)
}

/** Whether a body that a parser before us has read is still in the encoding that its header says. */
export function isStillEncoded(bytes: Uint8Array, encoding: string): boolean {
  const name = nameOf(encoding)
  if (isIdentity(name)) return false
  return Object.hasOwn(encodings, name) ? (encodings[name]?.isOf(bytes) ?? false) : true
}

const nameOf = (encoding: string) => encoding.trim().toLowerCase()
const isIdentity = (name: string) => name === '' || name === 'identity'
