import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { access, link, readFile, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { TimeoutError } from '../../errors.ts'

const longestWaitMs = 30_000
const longestPauseMs = 10

/**
 * A lock that processes on one machine take by making a file, which names its holder. The lock of a process that died
 * is taken away from it, whatever it was doing then. A holder on another machine, which shares the folder, is waited
 * for.
 */
export class LockFile {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  /** Runs `work` while this process holds the lock. @throws TimeoutError when another one keeps it for too long */
  async hold<T>(work: () => Promise<T>): Promise<T> {
    const deadline = performance.now() + longestWaitMs
    while (!(await create(this.#path))) await this.#wait(deadline)
    try {
      return await work()
    } finally {
      await rm(this.#path, { force: true })
    }
  }

  /** Waits until nobody holds the lock, and tells whether somebody did. */
  async released(): Promise<boolean> {
    const deadline = performance.now() + longestWaitMs
    for (let waited = false; ; waited = true) {
      if (!(await exists(this.#path))) return waited
      await this.#wait(deadline)
    }
  }

  async #wait(deadline: number): Promise<void> {
    if (await isLeft(this.#path)) {
      await this.#breakLock()
      return
    }
    if (performance.now() > deadline) {
      throw new TimeoutError(`Another process kept ${this.#path} for more than ${longestWaitMs} ms.`)
    }
    await delay(Math.random() * longestPauseMs)
  }

  /** Takes the file of a dead holder away. Under a lock of its own: two who do it must not take each other's. */
  async #breakLock(): Promise<void> {
    const breaking = `${this.#path}.break`
    if (!(await create(breaking))) {
      if (await isLeft(breaking)) await rm(breaking, { force: true })
      return
    }
    try {
      if (await isLeft(this.#path)) await rm(this.#path, { force: true })
    } finally {
      await rm(breaking, { force: true })
    }
  }
}

interface Holder {
  readonly pid: number
  readonly host: string
  /** When the process began, where the system tells: numbers of processes are given out again. */
  readonly began: string
}

/** Makes the file with its content at once, unless it is there. */
async function create(path: string): Promise<boolean> {
  const own = `${path}.${process.pid}.${randomBytes(6).toString('hex')}`
  const holder: Holder = { pid: process.pid, host: hostname(), began: beginOf(process.pid) }
  await writeFile(own, JSON.stringify(holder))
  try {
    await link(own, path)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  } finally {
    await rm(own, { force: true })
  }
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

/** Whether the holder of a lock is dead. */
async function isLeft(path: string): Promise<boolean> {
  const text = await readFile(path, 'utf8').catch(() => undefined)
  if (text === undefined) return false
  let holder: Holder
  try {
    holder = JSON.parse(text)
  } catch {
    // A machine that lost its power may leave an empty file.
    return true
  }
  if (holder.host !== hostname()) return false
  try {
    process.kill(holder.pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH'
  }
  return beginOf(holder.pid) !== holder.began
}

/** The time at which a process began, in the system's own unit; empty where it cannot be read. */
function beginOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name of the program, in brackets, may hold spaces; the 22nd field is the 20th after it.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    return ''
  }
}
