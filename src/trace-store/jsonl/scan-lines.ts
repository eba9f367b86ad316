import type { FileHandle } from 'node:fs/promises'

/** A line of a file, as bytes. */
export interface FileLine {
  readonly offset: number
  /** Without the line feed. */
  readonly bytes: Buffer
  /** Whether it ends with a line feed. The last line of a file may not, while it is being written or after a crash. */
  readonly complete: boolean
}

const pieceBytes = 1024 * 1024
const lineFeed = 0x0a

/** The lines of a file from one byte up to another, in the memory of the longest line. A buffer is valid for one turn. */
export async function* scanLines(file: FileHandle, from: number, to: number): AsyncGenerator<FileLine[]> {
  let rest: Buffer[] = []
  let lineStart = from
  for (let at = from; at < to; ) {
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(pieceBytes), 0, Math.min(pieceBytes, to - at), at)
    if (bytesRead === 0) break
    const piece = buffer.subarray(0, bytesRead)
    const lines: FileLine[] = []
    let start = 0
    for (let end = piece.indexOf(lineFeed); end >= 0; end = piece.indexOf(lineFeed, start)) {
      const part = piece.subarray(start, end)
      const bytes = rest.length > 0 ? Buffer.concat([...rest, part]) : part
      rest = []
      lines.push({ offset: lineStart, bytes, complete: true })
      start = end + 1
      lineStart = at + start
    }
    if (start < bytesRead) rest.push(piece.subarray(start))
    at += bytesRead
    if (lines.length > 0) yield lines
  }
  if (rest.length > 0) yield [{ offset: lineStart, bytes: Buffer.concat(rest), complete: false }]
}
