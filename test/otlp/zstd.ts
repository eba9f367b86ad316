/** A window of 1 MiB: 2^(10 + 10) bytes. */
const window = 10 << 3
const mostOfBlock = 128 * 1024

/** Bytes of one value are told once, as repeated. */
const isUniform = (bytes: Uint8Array) => bytes.length > 1 && bytes.every((byte) => byte === bytes[0])

function block(bytes: Uint8Array, isLast: boolean): Uint8Array {
  const repeated = isUniform(bytes)
  const header = (bytes.length << 3) | (repeated ? 2 : 0) | Number(isLast)
  const content = repeated ? bytes.subarray(0, 1) : bytes
  return Buffer.concat([Buffer.from([header & 255, (header >> 8) & 255, header >> 16]), content])
}

/** The start of a frame with this window. */
export const frameHeader = (windowDescriptor = window) => Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, windowDescriptor])

/** A frame of zstd that holds these bytes, in raw blocks and in blocks of one repeated byte. Node 20 has no encoder. */
export function zstdOf(bytes: Uint8Array): Buffer {
  const blocks: Uint8Array[] = []
  for (let at = 0; at === 0 || at < bytes.length; at += mostOfBlock) {
    const end = Math.min(at + mostOfBlock, bytes.length)
    blocks.push(block(bytes.subarray(at, end), end === bytes.length))
  }
  return Buffer.concat([frameHeader(), ...blocks])
}
