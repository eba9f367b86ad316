import { Worker } from 'node:worker_threads'
import { moduleRequire } from '../../module-require.ts'
import { settlesWithin } from '../deadline.ts'
import type { Read } from '../reader.ts'
import { pulse } from './pulse.ts'

/** How much a thread hands over at once: more would keep the event loop while it is taken apart. */
const part = { rows: 500, bytes: 512 * 1024 }

/** How long a thread has to end a statement, in milliseconds: it does not hear of it while the engine sorts. */
const farewellMs = 50

// Text, so that it runs from sources, from the built package and from a bundle alike. A part of the answer is handed over
// when it is asked for.
const program = `
  const { parentPort, workerData } = require('node:worker_threads')
  const Database = require(workerData.driver)
  const { path, stop, pulse, part, busyTimeoutMs } = workerData
  const database = new Database(path, { timeout: busyTimeoutMs, fileMustExist: true })
  database.pragma('query_only = on')
  const beat = () => {
    if (stop[0] !== 0) throw new Error('The read was ended.')
    return 1
  }
  database.function(pulse, beat)
  const statements = new Map()
  const statementOf = (text) => {
    let statement = statements.get(text)
    if (!statement) {
      statement = database.prepare(text).raw()
      if (statements.size >= 100) statements.clear()
      statements.set(text, statement)
    }
    return statement
  }
  const sizeOf = (row) => {
    let size = 0
    for (const value of row) size += typeof value === 'string' ? value.length : 8
    return size
  }
  function* answer(reads) {
    database.exec('begin')
    try {
      for (let index = 0; index < reads.length; index += 1) {
        const { text, params } = reads[index]
        let rows = []
        let size = 0
        for (const row of statementOf(text).iterate(...params)) {
          beat()
          rows.push(row)
          size += sizeOf(row)
          if (rows.length < part.rows && size < part.bytes) continue
          yield { index, rows }
          rows = []
          size = 0
        }
        if (rows.length > 0) yield { index, rows }
      }
    } finally {
      database.exec('commit')
    }
  }
  let parts
  parentPort.on('message', (reads) => {
    try {
      if (reads !== 'next') parts = answer(reads)
      const { value } = parts.next()
      parentPort.postMessage(value ?? 'done')
    } catch ({ name, message, code }) {
      parentPort.postMessage({ name, message, code })
    }
  })`

type Message = 'done' | { index: number; rows: unknown[][] } | { name: string; message: string; code?: string }

/** What is being read. */
interface Current {
  readonly answers: unknown[][][]
  readonly resolve: (answers: unknown[][][]) => void
  readonly reject: (error: unknown) => void
}

/** A thread that reads with a connection of its own, one call after the other. */
export class SqliteReadThread {
  readonly #worker: Worker
  /** Not zero: what it does is to end. */
  readonly #stop = new Int32Array(new SharedArrayBuffer(4))
  #current: Current | undefined
  #isOver = false

  /** @throws Error where Node's permission model allows no threads */
  constructor(path: string, busyTimeoutMs: number) {
    const driver = moduleRequire().resolve('better-sqlite3')
    const workerData = { driver, path, stop: this.#stop, pulse, part, busyTimeoutMs }
    this.#worker = new Worker(program, { eval: true, workerData })
    this.#worker.unref()
    this.#worker.on('message', (message: Message) => this.#receive(message))
    this.#worker.on('error', (error) => this.#fail(error))
    this.#worker.on('exit', () => this.#fail(new Error('The thread that read has ended.')))
  }

  /** Whether it reads no more. */
  get isOver(): boolean {
    return this.#isOver
  }

  /**
   * Runs statements as of one moment, and returns the rows of each.
   *
   * @param end ends the reading: the promise fails when the thread has let go of it, or was given up
   */
  async read(reads: readonly Read[], end: AbortSignal | undefined): Promise<unknown[][][]> {
    let farewell: NodeJS.Timeout | undefined
    const onEnd = () => {
      Atomics.store(this.#stop, 0, 1)
      farewell = setTimeout(() => this.#giveUp(), farewellMs)
    }
    end?.addEventListener('abort', onEnd, { once: true })
    this.#worker.ref()
    Atomics.store(this.#stop, 0, 0)
    try {
      return await new Promise<unknown[][][]>((resolve, reject) => {
        this.#current = { answers: reads.map(() => []), resolve, reject }
        this.#worker.postMessage(reads)
      })
    } finally {
      clearTimeout(farewell)
      end?.removeEventListener('abort', onEnd)
      this.#current = undefined
      this.#worker.unref()
    }
  }

  /** Ends what it does, and the thread. */
  async close(deadlineMs: number): Promise<void> {
    Atomics.store(this.#stop, 0, 1)
    await settlesWithin(this.#worker.terminate(), deadlineMs)
  }

  #receive(message: Message): void {
    if (!this.#current) return
    const { answers, resolve, reject } = this.#current
    if (message === 'done') {
      resolve(answers)
    } else if ('rows' in message) {
      const rows = answers[message.index] as unknown[][]
      for (const row of message.rows) rows.push(row)
      this.#worker.postMessage('next')
    } else {
      reject(Object.assign(new Error(message.message), message))
    }
  }

  #fail(error: unknown): void {
    this.#isOver = true
    this.#current?.reject(error)
  }

  /** It is over when the engine lets go of it; somebody else may read meanwhile. */
  #giveUp(): void {
    this.#fail(new Error('The read was given up.'))
    void this.#worker.terminate()
  }
}
