/** The largest window that a decoder must have (RFC 8878); encoders keep to it. A frame of one segment is its own. */
const usualWindow = 8 * 1024 * 1024
/** Bytes of windows that are made for frames, or moved for blocks: half a second. */
const mostWindowBytes = 4 * 1024 ** 3
const checksumBytes = 4

/**
 * Whether a zstd body costs what such a body may cost, by the headers of its frames and blocks. The decoder makes a
 * window for each frame, of the size that it claims, and moves it for each block, also for an empty one: 20 bytes could
 * ask for two gigabytes, a megabyte for minutes. Whether the rest is right is for the decoder to say.
 *
 * @param most bytes that the body may have
 */
export function isAffordableZstd(bytes: Uint8Array, most: number): boolean {
  const mostWindow = Math.max(usualWindow, most)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let windowBytes = 0
  for (let at = 0; at + 8 <= bytes.length; ) {
    if ((view.getUint32(at, true) & 0xfffffff0) >>> 0 === 0x184d2a50) {
      at += 8 + view.getUint32(at + 4, true)
      continue
    }
    const frame = frameAt(view, at)
    if (frame === undefined || frame.window > mostWindow) return frame === undefined
    windowBytes += frame.window
    at = frame.blocks
    for (let isLast = false; !isLast && at + 3 <= bytes.length; ) {
      const header = view.getUint16(at, true) + view.getUint8(at + 2) * 65_536
      const isRepeatedByte = ((header >> 1) & 3) === 1
      at += 3 + (isRepeatedByte ? 1 : header >> 3)
      isLast = (header & 1) === 1
      windowBytes += frame.window
    }
    if (windowBytes > mostWindowBytes) return false
    if (frame.hasChecksum) at += checksumBytes
  }
  return true
}

/** The header of a frame; undefined where there is none, or only a part of one. */
function frameAt(view: DataView, at: number) {
  const descriptor = view.getUint8(at + 4)
  if (view.getUint32(at, true) !== 0xfd2fb528) return undefined
  const isSingle = (descriptor & 32) !== 0
  const sizeFlag = descriptor >> 6
  const sizeBytes = sizeFlag === 0 ? Number(isSingle) : 1 << sizeFlag
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] ?? 0
  const sizeAt = at + 5 + (isSingle ? 0 : 1) + dictionaryBytes
  if (sizeAt + sizeBytes > view.byteLength) return undefined
  const window = isSingle ? sizeOf(view, sizeAt, sizeBytes) : windowOf(view.getUint8(at + 5))
  return { window, blocks: sizeAt + sizeBytes, hasChecksum: (descriptor & 4) !== 0 }
}

function windowOf(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3))
  return base + (base / 8) * (descriptor & 7)
}

function sizeOf(view: DataView, at: number, bytes: number): number {
  if (bytes === 1) return view.getUint8(at)
  if (bytes === 2) return view.getUint16(at, true) + 256
  return bytes === 4 ? view.getUint32(at, true) : Number(view.getBigUint64(at, true))
}
