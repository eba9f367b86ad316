import { createHash } from 'node:crypto'
import { type FileHandle, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { type IndexedLine, LineIndex, lookUp } from './line-index.ts'

/** An index, and the part of the file that it tells about. */
export interface FileIndex {
  readonly lines: LineIndex
  /** The file's inode: after a rewrite it is another one. */
  readonly inode: bigint
  /** Bytes from the start of the file that the index knows; they end with a line. */
  covered: number
  /** Of the last bytes that it knows: they tell whether somebody rewrote the file in place. */
  fingerprint: Buffer
  /** Lines that are no saved trace. */
  broken: number
}

const magic = Buffer.from('tracehold index 1\n')
const headerBytes = 128
const fingerprintBytes = 512

/** The index of a file about which nothing is known yet. */
export const emptyIndex = (inode: bigint): FileIndex => ({
  lines: new LineIndex(),
  inode,
  covered: 0,
  fingerprint: fingerprintOf(Buffer.alloc(0)),
  broken: 0,
})

const fingerprintOf = (bytes: Buffer): Buffer => createHash('md5').update(bytes).digest()

/** The fingerprint of a file up to some byte. */
export async function fingerprintAt(file: FileHandle, covered: number): Promise<Buffer> {
  const length = Math.min(covered, fingerprintBytes)
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, covered - length)
  return fingerprintOf(buffer.subarray(0, bytesRead))
}

/** The index that lies beside a file; undefined when there is none that can be read. */
export async function readIndexFile(path: string): Promise<FileIndex | undefined> {
  const bytes = await readFile(path).catch(() => undefined)
  const header = bytes && readHeader(bytes, bytes.length)
  return header && { ...header, lines: new LineIndex(bytes.subarray(headerBytes), header.count) }
}

/**
 * Where a run is, by the index on disk alone: nothing but the slots that it may be in is read. Undefined when the index
 * does not know the run, or not all of the file.
 */
export async function findByIndexFile(path: string, file: FileHandle, runId: string): Promise<IndexedLine | undefined> {
  const index = await open(path, 'r').catch(() => undefined)
  try {
    if (!index) return undefined
    const read = async (at: number, length: number) => {
      const { buffer, bytesRead } = await index.read(Buffer.alloc(length), 0, length, at)
      return buffer.subarray(0, bytesRead)
    }
    const { size: indexBytes } = await index.stat()
    const header = readHeader(await read(0, headerBytes), indexBytes)
    const { ino, size } = await file.stat({ bigint: true })
    if (header?.inode !== ino || header.covered !== Number(size)) return undefined
    if (!(await fingerprintAt(file, header.covered)).equals(header.fingerprint)) return undefined
    return await lookUp(runId, indexBytes - headerBytes, (at, length) => read(headerBytes + at, length))
  } finally {
    await index?.close()
  }
}

function readHeader(bytes: Buffer, fileBytes: number) {
  if (bytes.length < headerBytes || bytes.compare(magic, 0, magic.length, 0, magic.length) !== 0) return undefined
  if (checksumOf(bytes, fileBytes).compare(bytes.subarray(96, 112)) !== 0) return undefined
  return {
    count: bytes.readUInt32LE(32),
    inode: bytes.readBigUInt64LE(40),
    covered: bytes.readDoubleLE(48),
    broken: bytes.readDoubleLE(56),
    fingerprint: bytes.subarray(64, 80),
  }
}

/** Writes an index beside its file. It can be made anew at any time, so a failure is no failure of the caller's. */
export async function writeIndexFile(path: string, index: FileIndex): Promise<void> {
  const header = Buffer.alloc(headerBytes)
  magic.copy(header)
  header.writeUInt32LE(index.lines.count, 32)
  header.writeBigUInt64LE(index.inode, 40)
  header.writeDoubleLE(index.covered, 48)
  header.writeDoubleLE(index.broken, 56)
  index.fingerprint.copy(header, 64)
  const bytes = Buffer.concat([header, index.lines.slots])
  checksumOf(bytes, bytes.length).copy(bytes, 96)
  const temporary = `${path}.${process.pid}.tmp`
  await writeFile(temporary, bytes)
    .then(() => rename(temporary, path))
    .catch(() => rm(temporary, { force: true }))
    .catch(() => {})
}

// The table's length and count belong to it: what a crash left half-written is not read. Hashing all of it would cost
// more than reading it.
function checksumOf(bytes: Buffer, fileBytes: number): Buffer {
  const length = Buffer.alloc(8)
  length.writeDoubleLE(fileBytes)
  return createHash('md5').update(bytes.subarray(0, 96)).update(length).digest()
}
