import { readFileSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { hostname } from 'node:os'

/** Who holds a lock. */
export interface LockHolder {
  readonly pid: number
  readonly host: string
  /** When the process began, where the system tells: numbers of processes are given out again. */
  readonly began: string
  /** Tells the locks of one process from each other. */
  readonly id: string
}

/** This process as the holder of a lock. */
export const ownHolder = (id: string): LockHolder => ({
  pid: process.pid,
  host: hostname(),
  began: beginOf(process.pid),
  id,
})

/**
 * Looks at a lock file, and tells whether its holder is gone. Of a process on this machine the system knows. One on
 * another machine, or in another container, touches its file while it works: it is gone when the file has stayed as it
 * is for some time, by the clock of the one who looks.
 */
export class LockWatch {
  readonly #path: string
  readonly #leftMs: number
  #seen = ''
  #seenAt = 0
  #holder: LockHolder | undefined

  /** @param leftMs after so long without a touch a holder on another machine is gone, in milliseconds */
  constructor(path: string, leftMs: number) {
    this.#path = path
    this.#leftMs = leftMs
  }

  /** The holder that was seen last, where the file names one. */
  get holder(): LockHolder | undefined {
    return this.#holder
  }

  /** Whether there is a lock whose holder is gone. */
  async isLeft(): Promise<boolean> {
    const found = await look(this.#path)
    if (!found) return false
    this.#holder = parsed(found.text)
    // A machine that lost its power may leave an empty file.
    if (!this.#holder) return true
    if (this.#holder.host === hostname()) return isDead(this.#holder)
    const seen = `${found.touched} ${found.text}`
    if (seen !== this.#seen) this.#seenAt = performance.now()
    this.#seen = seen
    return performance.now() - this.#seenAt >= this.#leftMs
  }
}

/** What a lock file says, and when it was touched; undefined when there is none. */
async function look(path: string): Promise<{ text: string; touched: bigint } | undefined> {
  let file: FileHandle | undefined
  try {
    // Opened, since a network's file system may tell the times of a file by its path from long ago.
    file = await open(path, 'r')
    return { touched: (await file.stat({ bigint: true })).mtimeNs, text: await file.readFile('utf8') }
  } catch {
    return undefined
  } finally {
    await file?.close()
  }
}

function parsed(text: string): LockHolder | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isDead({ pid, began }: LockHolder): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH'
  }
  return beginOf(pid) !== began
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
