import { randomBytes } from 'node:crypto'
import { access, link, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { TimeoutError } from '../../errors.ts'
import { LockWatch, ownHolder } from './lock-watch.ts'

/** Times of a lock, in milliseconds. */
export interface LockTimes {
  /** How often a holder touches its file. */
  readonly touchMs: number
  /** After so long without a touch a holder on another machine is gone. */
  readonly leftMs: number
  /** How long a lock is waited for; longer than `leftMs`, so that a waiter sees that a holder is gone. */
  readonly waitMs: number
}

const usualTimes: LockTimes = { touchMs: 5_000, leftMs: 30_000, waitMs: 60_000 }
const longestPauseMs = 10

/**
 * A lock that processes take by making a file, which names its holder. The lock of a process that died is taken away
 * from it, whatever it was doing then: at once on the same machine, else when it has not touched its file for 30 s.
 */
export class LockFile {
  readonly #path: string
  readonly #times: LockTimes
  readonly #watch: LockWatch
  readonly #breakWatch: LockWatch

  constructor(path: string, times = usualTimes) {
    this.#path = path
    this.#times = times
    this.#watch = new LockWatch(path, times.leftMs)
    this.#breakWatch = new LockWatch(this.#breakPath, times.leftMs)
  }

  /**
   * Runs `work` while this process holds the lock.
   *
   * @param work it calls `check` before it does what no other may do meanwhile: that throws when the lock was taken away
   * @throws TimeoutError when another one keeps it for too long, or when it was taken away
   */
  async hold<T>(work: (check: () => Promise<void>) => Promise<T>): Promise<T> {
    const own = await this.#take()
    const touching = setInterval(() => void touch(this.#path), this.#times.touchMs).unref()
    const isOurs = async () => (await readFile(this.#path, 'utf8').catch(() => '')) === own
    try {
      return await work(async () => {
        if (!(await isOurs()))
          throw new TimeoutError(`Another process took ${this.#path}: this one stood still too long.`)
      })
    } finally {
      clearInterval(touching)
      if (await isOurs()) await rm(this.#path, { force: true })
    }
  }

  /** Waits until nobody holds the lock, and tells whether somebody did. */
  async released(): Promise<boolean> {
    const deadline = performance.now() + this.#times.waitMs
    for (let waited = false; ; waited = true) {
      if (!(await exists(this.#path))) return waited
      await this.#wait(deadline)
    }
  }

  /** The text of the lock that this process made. */
  async #take(): Promise<string> {
    const deadline = performance.now() + this.#times.waitMs
    for (;;) {
      const own = await create(this.#path)
      if (own !== undefined) return own
      await this.#wait(deadline)
    }
  }

  async #wait(deadline: number): Promise<void> {
    if ((await this.#watch.isLeft()) && (await this.#breakLock())) return
    if (performance.now() > deadline) throw this.#keptTooLong()
    await delay(Math.random() * longestPauseMs)
  }

  #keptTooLong(): TimeoutError {
    const { holder } = this.#watch
    const who = holder ? `Process ${holder.pid} on ${holder.host}` : 'Another process'
    return new TimeoutError(
      `${who} kept ${this.#path} for more than ${this.#times.waitMs} ms. If that machine is gone, the file may be deleted.`,
    )
  }

  /**
   * Takes the file of a dead holder away, and tells whether this process was the one to do it. Under a lock of its own:
   * two who do it must not take each other's.
   */
  async #breakLock(): Promise<boolean> {
    if ((await create(this.#breakPath)) === undefined) {
      if (await this.#breakWatch.isLeft()) await rm(this.#breakPath, { force: true })
      return false
    }
    try {
      if (await this.#watch.isLeft()) await rm(this.#path, { force: true })
      return true
    } finally {
      await rm(this.#breakPath, { force: true })
    }
  }

  get #breakPath(): string {
    return `${this.#path}.break`
  }
}

/** Makes the file with its content at once, and tells what is in it; undefined when there is one. */
async function create(path: string): Promise<string | undefined> {
  const id = randomBytes(6).toString('hex')
  const own = `${path}.${process.pid}.${id}`
  const text = JSON.stringify(ownHolder(id))
  await writeFile(own, text)
  try {
    await link(own, path)
    return text
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return undefined
    throw error
  } finally {
    await rm(own, { force: true })
  }
}

/** Shows that the holder of a lock works. Where that fails, the lock is taken away, and `check` tells. */
const touch = (path: string): Promise<void> => utimes(path, new Date(), new Date()).catch(() => {})

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )
