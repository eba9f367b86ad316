import { describe, expect, it } from 'vitest'
import { LeasePool } from '../../src/engines/lease-pool.ts'
import { PoolError } from '../../src/index.ts'
import { thrown } from './thrown.ts'

const waiting = { during: 'query', waitMs: 60_000 }

/** Work that lasts until it is ended. */
function held() {
  let end = () => {}
  const ended = new Promise<void>((resolve) => {
    end = resolve
  })
  return { work: () => ended, end }
}

describe('leases', () => {
  it('lend each thing to one caller at a time, and the others wait in line', async () => {
    const leases = new LeasePool([{ name: 'a' }, { name: 'b' }])
    const lent: string[] = []
    const ends: (() => void)[] = []
    const calls = [1, 2, 3, 4].map((n) =>
      leases.run(waiting, ({ name }) => {
        lent.push(`${n}${name}`)
        return new Promise<void>((resolve) => ends.push(resolve))
      }),
    )
    expect({ active: leases.active, waiting: leases.waiting, lent }).toEqual({
      active: 2,
      waiting: 2,
      lent: ['1a', '2b'],
    })
    ends[1]?.()
    await expect.poll(() => lent).toEqual(['1a', '2b', '3b'])
    expect({ active: leases.active, waiting: leases.waiting }).toEqual({ active: 2, waiting: 1 })
    ends[0]?.()
    await expect.poll(() => lent).toEqual(['1a', '2b', '3b', '4a'])
    for (const end of ends) end()
    await Promise.all(calls)
    expect({ active: leases.active, waiting: leases.waiting }).toEqual({ active: 0, waiting: 0 })
  })

  it('lend first what came back last', async () => {
    const leases = new LeasePool([{ name: 'a' }, { name: 'b' }, { name: 'c' }])
    const name = () => leases.run(waiting, async (thing) => thing.name)
    expect(await name()).toBe('a')
    const [first, second] = [held(), held()]
    const both = [leases.run(waiting, first.work), leases.run(waiting, second.work)]
    first.end()
    await both[0]
    second.end()
    await both[1]
    expect([await name(), await name()]).toEqual(['b', 'b'])
  })

  it('let the urgent go first', async () => {
    const leases = new LeasePool([{}])
    const { work, end } = held()
    const order: string[] = []
    const call = (name: string, urgent: boolean) =>
      leases.run({ ...waiting, urgent }, async () => void order.push(name))
    const calls = [leases.run(waiting, work), call('first', false), call('second', false), call('urgent', true)]
    end()
    await Promise.all(calls)
    expect(order).toEqual(['urgent', 'first', 'second'])
  })

  it('end the waiting in time, and keep nobody for it', async () => {
    const leases = new LeasePool([{}])
    const { work, end } = held()
    const call = leases.run(waiting, work)
    const error = await thrown(leases.run({ during: 'query x', waitMs: 1 }, async () => {}))
    expect(error).toBeInstanceOf(PoolError)
    expect(error).toMatchObject({ message: expect.stringMatching(/query x.*busy/), retryable: true })
    expect(leases.waiting).toBe(0)
    end()
    await call
    await leases.run(waiting, async () => {})
  })

  it('go on after work that failed', async () => {
    const leases = new LeasePool([{}])
    await expect(leases.run(waiting, () => Promise.reject(new Error('failed')))).rejects.toThrow('failed')
    expect(await leases.run(waiting, async () => 'done')).toBe('done')
  })

  it('are drained when nobody works or waits, and dismiss those who wait', async () => {
    const leases = new LeasePool([{}])
    await leases.drain()
    const { work, end } = held()
    const calls = [leases.run(waiting, work), leases.run(waiting, async () => 'second')]
    const dismissed = new LeasePool([{}])
    void dismissed.run(waiting, work)
    const refused = thrown(dismissed.run(waiting, async () => {}))
    dismissed.dismiss(new PoolError('closed'))
    expect(await refused).toMatchObject({ message: 'closed' })
    const drained = leases.drain()
    end()
    await drained
    expect(leases.active).toBe(0)
    expect(await calls[1]).toBe('second')
  })
})
