import { expect, it } from 'vitest'
import { decompress } from '../../src/otlp/decompress.ts'
import { Refusal } from '../../src/otlp/refusal.ts'
import { frameHeader, zstdOf } from './zstd.ts'

const most = 16 * 1024 * 1024
const read = (bytes: Uint8Array) => decompress(bytes, 'zstd', { most, take: () => {} })
const text = Buffer.from('some text')
/** A frame whose content is one segment of so many bytes: it has no window of its own. */
const oneSegment = (size: number) => Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xe0, ...eightBytes(size)])
const eightBytes = (size: number) => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt(size))
  return bytes
}
const emptyBlock = Buffer.from([0, 0, 0])
const lastBlock = Buffer.from([1, 0, 0])
const window = (power: number) => (power - 10) << 3

const right: [string, Uint8Array][] = [
  ['several frames', Buffer.concat([zstdOf(text.subarray(0, 4)), zstdOf(text.subarray(4))])],
  ['a frame that is to be skipped', Buffer.concat([Buffer.from('532a4d1803000000ffffff', 'hex'), zstdOf(text)])],
  ['one segment', Buffer.concat([oneSegment(text.length), Buffer.from([(text.length << 3) | 1, 0, 0]), text])],
  ['a window of 8 MiB', Buffer.concat([frameHeader(window(23)), Buffer.from([(text.length << 3) | 1, 0, 0]), text])],
  ['some empty blocks', Buffer.concat([zstdOf(text).subarray(0, 6), emptyBlock, emptyBlock, zstdOf(text).subarray(6)])],
]

it.each(right)('reads %s', async (_, bytes) => {
  expect(Buffer.from(await read(bytes)).toString()).toBe('some text')
})

const hostile: [string, Uint8Array][] = [
  ['a window of 2 GiB', Buffer.concat([frameHeader(window(31)), lastBlock])],
  ['a window of 16 MiB and a bit', Buffer.concat([frameHeader(window(24) + 1), lastBlock])],
  ['one segment of 2 GiB', Buffer.concat([oneSegment(2 ** 31), lastBlock])],
  ['one segment of more than there are numbers', Buffer.concat([oneSegment(2 ** 60), lastBlock])],
  ['a million empty blocks', Buffer.concat([frameHeader(window(23)), Buffer.alloc(3_000_000), lastBlock])],
  ['many frames', Buffer.concat(Array(20_000).fill(Buffer.concat([frameHeader(window(23)), lastBlock])))],
  ['a block of a reserved type', Buffer.concat([frameHeader(), Buffer.from([7, 0, 0])])],
  ['a header alone', frameHeader()],
  ['a skipped frame that never ends', Buffer.from('532a4d18ffffffff', 'hex')],
]

it.each(hostile)('refuses %s at once', async (_, bytes) => {
  const startMs = performance.now()
  const error = await read(bytes).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(Refusal)
  expect(error).toMatchObject({ status: 400 })
  expect(performance.now() - startMs).toBeLessThan(1000)
})
