import { PoolError } from '../errors.ts'

interface Waiter<T> {
  readonly take: (thing: T) => void
  readonly fail: (error: PoolError) => void
}

/**
 * Lends things, each to one caller at a time; further callers wait in line. What came back last is lent first, so that
 * few are used where few are enough, and those are warm.
 */
export class LeasePool<T extends object> {
  readonly #free: T[]
  readonly #line = new Set<Waiter<T>>()
  readonly #urgent = new Set<Waiter<T>>()
  #active = 0
  #drained: (() => void)[] = []

  /** @param things the first of them is lent first */
  constructor(things: readonly T[]) {
    this.#free = [...things].reverse()
  }

  /** How many are lent. */
  get active(): number {
    return this.#active
  }

  /** How many callers wait. */
  get waiting(): number {
    return this.#line.size + this.#urgent.size
  }

  /**
   * Runs `work` with one of the things.
   *
   * @param options how long to wait for it, what for in words of an error, and whether to go before those who wait
   * @throws PoolError when none came free in time
   */
  async run<R>(
    { during, waitMs, urgent = false }: { during: string; waitMs: number; urgent?: boolean },
    work: (thing: T) => Promise<R>,
  ): Promise<R> {
    const thing = this.#take() ?? (await this.#wait(during, waitMs, urgent ? this.#urgent : this.#line))
    try {
      return await work(thing)
    } finally {
      this.#giveBack(thing)
    }
  }

  /** Waits until nothing is lent and nobody waits. */
  async drain(): Promise<void> {
    if (this.#active + this.waiting > 0) await new Promise<void>((resolve) => this.#drained.push(resolve))
  }

  /** Sends away all who wait. */
  dismiss(error: PoolError): void {
    for (const line of [this.#urgent, this.#line]) {
      for (const { fail } of line) fail(error)
      line.clear()
    }
  }

  #take(): T | undefined {
    const thing = this.#free.pop()
    if (thing !== undefined) this.#active += 1
    return thing
  }

  #wait(during: string, waitMs: number, line: Set<Waiter<T>>): Promise<T> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter<T> = {
        take(thing) {
          clearTimeout(timer)
          resolve(thing)
        },
        fail(error) {
          clearTimeout(timer)
          reject(error)
        },
      }
      const timer = setTimeout(() => {
        line.delete(waiter)
        const message = `Could not ${during}: every connection was busy for ${waitMs} ms.`
        reject(new PoolError(message, { recovery: 'retry' }))
      }, waitMs)
      line.add(waiter)
    })
  }

  /** To the next in line, where it stays lent; else back to the others. */
  #giveBack(thing: T): void {
    for (const line of [this.#urgent, this.#line]) {
      for (const waiter of line) {
        line.delete(waiter)
        waiter.take(thing)
        return
      }
    }
    this.#free.push(thing)
    this.#active -= 1
    if (this.#active === 0) for (const wake of this.#drained.splice(0)) wake()
  }
}
