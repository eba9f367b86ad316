import { deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { decodeSource } from '../../src/import/decode-source.ts'

const text = Array.from({ length: 2000 }, (_, i) => JSON.stringify({ n: i, name: `é ${Math.sin(i)}` })).join('\n')

async function* pieces(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

/** The text of a source, and what it failed with. */
async function decoded(bytes: Uint8Array, size = 1000): Promise<{ text: string; error?: unknown }> {
  const parts: Buffer[] = []
  try {
    for await (const piece of decodeSource(pieces(bytes, size))) parts.push(Buffer.from(piece as string))
    return { text: Buffer.concat(parts).toString() }
  } catch (error) {
    return { text: Buffer.concat(parts).toString(), error }
  }
}

const swapped = (bytes: Buffer) => Buffer.from(bytes).swap16()
const twoLines = '{"zstd":true,"n":1}\n{"zstd":true,"n":2}\n'
// As the command zstd writes them: Node has no zstd before 22.15.
const zstd = Buffer.from('KLUv/QRY7QAAuHsienN0ZCI6dHJ1ZSwibiI6MX0KMn0KAQBunkzgIPvv', 'base64')

describe('a source', () => {
  test.each([
    ['plain UTF-8', Buffer.from(text)],
    ['gzip', gzipSync(text)],
    ['two members of gzip', Buffer.concat([gzipSync(text.slice(0, 500)), gzipSync(text.slice(500))])],
    ['deflate', deflateSync(text)],
    ['gzip in gzip', gzipSync(gzipSync(text))],
    ['UTF-16, little-endian, with its mark', Buffer.from(`\ufeff${text}`, 'utf16le')],
    ['UTF-16, big-endian, with its mark', swapped(Buffer.from(`\ufeff${text}`, 'utf16le'))],
    ['UTF-16, little-endian, without a mark', Buffer.from(text, 'utf16le')],
    ['UTF-16 in gzip', gzipSync(Buffer.from(text, 'utf16le'))],
  ])('as %s is read, in pieces of any size', async (_name, bytes) => {
    for (const size of [7, 100_000]) expect(await decoded(bytes, size)).toEqual({ text })
  })

  test('as zstd is read, in pieces of any size; cut, it fails and says so', async () => {
    for (const size of [1, 7, 100]) expect(await decoded(zstd, size)).toEqual({ text: twoLines })
    expect(String((await decoded(zstd.subarray(0, -12))).error)).toMatch(/cut or broken/)
  })

  test('that is empty, or shorter than what tells its form, is read', async () => {
    expect(await decoded(Buffer.alloc(0))).toEqual({ text: '' })
    expect(await decoded(Buffer.from('{}'))).toEqual({ text: '{}' })
  })

  test.each([
    ['cut', gzipSync(text).subarray(0, -500)],
    ['broken', Buffer.concat([gzipSync(text).subarray(0, -500), Buffer.alloc(500, 7)])],
  ])('of gzip that is %s is read up to there, then fails and says how much', async (_name, bytes) => {
    const { text: found, error } = await decoded(bytes)
    expect(text.startsWith(found.slice(0, 1000))).toBe(true)
    expect(found.length).toBeGreaterThan(text.length / 2)
    expect(String(error)).toMatch(/cut or broken after \d+ bytes; the \d+ bytes of text before were read/)
  })

  test('that grows beyond all measure is not read on', async () => {
    const bomb = gzipSync(Buffer.alloc(400 * 1024 * 1024), { level: 9 })
    let read = 0
    const reading = async () => {
      for await (const piece of decodeSource(pieces(bomb, 4096))) read += piece.length
    }
    await expect(reading()).rejects.toThrow(/grows to more than 500 times its size/)
    expect(read).toBeLessThan(300 * 1024 * 1024)
  })
})
