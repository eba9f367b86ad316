import { execFile } from 'node:child_process'
import { createReadStream, createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import pg from 'pg'
import { from, to } from 'pg-copy-streams'
import { columnList } from '../src/engines/upsert.ts'

/** COPY's two formats. */
export const copyFormats = ['text', 'binary'] as const
export type CopyFormat = (typeof copyFormats)[number]

const spans = `tracehold.spans (${columnList('spans')})`
const options = (format: CopyFormat) => `with (format ${format})`
const fileOf = (directory: string, format: CopyFormat) => join(directory, `spans.${format}`)

/** Writes the stored spans into a file for each format, in the order in which the table has them. */
export async function exportSpans(client: pg.Client, directory: string): Promise<void> {
  for (const format of copyFormats) {
    const rows = client.query(to(`copy ${spans} to stdout ${options(format)}`))
    await pipeline(rows, createWriteStream(fileOf(directory, format)))
  }
}

/** Loads such a file into the table, and answers with the seconds it took. */
export type Restore = (format: CopyFormat) => Promise<number | undefined>

/** `psql \copy` where this machine has it, timed by psql itself; else the same bytes, sent by pg-copy-streams. */
export async function restoreWith(url: string, directory: string): Promise<{ program: string; restore: Restore }> {
  const found = await promisify(execFile)('psql', ['--version']).catch(() => undefined)
  if (!found) return { program: 'replay of', restore: (format) => replay(url, fileOf(directory, format), format) }
  return { program: 'psql \\copy', restore: (format) => psql(url, fileOf(directory, format), format) }
}

async function psql(url: string, file: string, format: CopyFormat): Promise<number> {
  const server = new URL(url)
  const password = decodeURIComponent(server.password)
  server.password = ''
  const commands = ['\\timing on', `\\copy ${spans} from '${file}' ${options(format)}`].flatMap((one) => ['-c', one])
  const args = ['--no-psqlrc', '--set', 'ON_ERROR_STOP=1', ...commands, server.href]
  const env = { ...process.env, PGPASSWORD: password, LC_ALL: 'C' }
  const { stdout } = await promisify(execFile)('psql', args, { env })
  const milliseconds = /^Time: ([\d.]+) ms/m.exec(stdout)?.[1]
  if (milliseconds === undefined) throw new Error(`psql did not say how long it took: ${stdout}`)
  return Number(milliseconds) / 1000
}

async function replay(url: string, file: string, format: CopyFormat): Promise<number> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    const startedMs = performance.now()
    const rows = createReadStream(file, { highWaterMark: 256 * 1024 })
    await pipeline(rows, client.query(from(`copy ${spans} from stdin ${options(format)}`)))
    return (performance.now() - startedMs) / 1000
  } finally {
    await client.end()
  }
}
