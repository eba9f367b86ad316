import { Worker } from 'node:worker_threads'
import { storageError } from '../../driver-errors/storage-error.ts'
import { ConfigError } from '../../errors.ts'
import { moduleRequire } from '../../module-require.ts'

/** How long the copy may wait for somebody who has the whole file locked, in milliseconds. */
const busyMs = 10_000

// Text, as the checkpointer's. VACUUM INTO reads one moment of the file while others write, with its log, and holds a few
// pages in memory; the copy has no free pages.
const program = `
  const { parentPort, workerData } = require('node:worker_threads')
  const Database = require(workerData.driver)
  const { from, to, busyMs } = workerData
  try {
    const source = new Database(from, { timeout: busyMs, fileMustExist: true })
    const isOurs = source.prepare("select 1 from sqlite_master where name = 'tracehold_migrations'").get() !== undefined
    if (isOurs) source.prepare('vacuum into ?').run(to)
    source.close()
    let check = ''
    if (isOurs) {
      const copy = new Database(to, { readonly: true, fileMustExist: true })
      check = copy.pragma('quick_check(1)', { simple: true })
      copy.close()
    }
    parentPort.postMessage({ isOurs, check })
  } catch (error) {
    parentPort.postMessage({ code: error.code ?? 'SQLITE_ERROR' })
  }`

type Answer = { readonly code: string } | { readonly isOurs: boolean; readonly check: string }

/**
 * Copies a database file as of one moment, while others write, in a thread of its own; then checks the copy.
 *
 * @param to a path where nothing is
 * @throws ConfigError for a file that is no database of tracehold; StorageError when it cannot be read or written, or the
 *   copy is not sound
 */
export async function copyFile(from: string, to: string, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted()
  const driver = moduleRequire().resolve('better-sqlite3')
  const worker = new Worker(program, { eval: true, workerData: { driver, from, to, busyMs } })
  const stop = () => void worker.terminate()
  signal?.addEventListener('abort', stop, { once: true })
  try {
    const answer = await new Promise<Answer>((resolve, reject) => {
      worker.once('message', resolve)
      worker.once('error', reject)
      worker.once('exit', () => reject(signal?.reason ?? new Error('the thread ended')))
    })
    if ('code' in answer) throw Object.assign(new Error(answer.code), { name: 'SqliteError', code: answer.code })
    if (!answer.isOurs) throw new ConfigError(`${from} is no database of tracehold: it has no record of migrations.`)
    if (answer.check !== 'ok')
      throw Object.assign(new Error('corrupt'), { name: 'SqliteError', code: 'SQLITE_CORRUPT' })
  } catch (error) {
    if (error instanceof ConfigError || signal?.aborted) throw error
    throw storageError(error, `copy ${from}`)
  } finally {
    signal?.removeEventListener('abort', stop)
  }
}
