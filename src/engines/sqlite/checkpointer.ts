import { Worker } from 'node:worker_threads'
import { moduleRequire } from '../../module-require.ts'

/**
 * A log above this size is emptied. Where several processes write all the time, a passive checkpoint never meets the
 * moment in which the log could begin anew, and the log only grows.
 */
const longestLogBytes = 16 * 1024 * 1024
/** How long emptying the log may wait for others, in milliseconds; writers wait as long. */
const emptyingMs = 200

// Text, so that it runs from sources, from the built package and from a bundle alike. PASSIVE waits for nobody and
// makes nobody wait; a failure (the file is gone, the disk is full) is left to the writer, which meets it too.
const program = `
  const { parentPort, workerData } = require('node:worker_threads')
  const { statSync } = require('node:fs')
  const Database = require(workerData.driver)
  const { path, longestLogBytes, emptyingMs } = workerData
  const database = new Database(path, { timeout: emptyingMs, fileMustExist: true })
  parentPort.on('message', (message) => {
    if (message === 'close') {
      try { database.close() } catch {}
      parentPort.close()
      return
    }
    try {
      database.pragma('wal_checkpoint(PASSIVE)')
      if (statSync(path + '-wal').size > longestLogBytes) database.pragma('wal_checkpoint(TRUNCATE)')
    } catch {}
    parentPort.postMessage('done')
  })`

/** How many commits may pass before the log is copied again. */
const commitsPerCheckpoint = 4

/**
 * Copies SQLite's write-ahead log into the file in a thread of its own. Where the writer does it, as SQLite has it, a
 * commit now and then keeps the event loop for as long as the disk takes to sync.
 *
 * Idle: there is no thread until enough was committed. Running: it copies, or waits to be asked. Over: it could not be
 * started (Node's permission model), or ended; from then on the writer's own automatic checkpoint does it. Nothing of
 * this is ever a failure of the write that was committed.
 */
export class SqliteCheckpointer {
  readonly #path: string
  #worker: Worker | undefined
  #isBusy = false
  #isOver = false
  #commits = 0

  constructor(path: string) {
    this.#path = path
  }

  /** Called after each commit. */
  committed(): void {
    this.#commits += 1
    if (this.#commits < commitsPerCheckpoint || this.#isBusy || this.#isOver) return
    this.#commits = 0
    try {
      this.#worker ??= this.#start()
      this.#worker.postMessage('checkpoint')
      this.#isBusy = true
    } catch {
      this.#isOver = true
    }
  }

  /** Ends the thread, once it has finished what it does. */
  async close(): Promise<void> {
    const worker = this.#worker
    if (!worker) return
    worker.ref()
    const ended = new Promise((resolve) => worker.once('exit', resolve))
    worker.postMessage('close')
    await ended
  }

  #start(): Worker {
    const driver = moduleRequire().resolve('better-sqlite3')
    const workerData = { driver, path: this.#path, longestLogBytes, emptyingMs }
    const worker = new Worker(program, { eval: true, workerData })
    worker.unref()
    worker.on('message', () => {
      this.#isBusy = false
    })
    worker.on('error', () => {})
    worker.on('exit', () => {
      this.#worker = undefined
      this.#isOver = true
    })
    return worker
  }
}
