import { describe, expect, it } from 'vitest'
import { Bell } from '../../src/live/poll-signal.ts'

const hourMs = 3_600_000

describe('a bell', () => {
  it('wakes who waits', async () => {
    const bell = new Bell()
    const waiting = bell.wait(hourMs)
    bell.ring()
    await waiting
  })

  it('keeps a ring for who comes later', async () => {
    const bell = new Bell()
    bell.ring()
    await bell.wait(hourMs)
  })

  it('lets who heard it look again soon, then ever later', async () => {
    const bell = new Bell()
    bell.ring()
    await bell.wait(hourMs)
    const tookMs: number[] = []
    for (let n = 0; n < 4; n += 1) {
      const started = performance.now()
      await bell.wait(hourMs)
      tookMs.push(performance.now() - started)
    }
    expect(tookMs[0]).toBeLessThan(tookMs[3] ?? 0)
    expect(tookMs[3]).toBeGreaterThan(70)
  })

  it('waits no longer than it is told, and not past the signal', async () => {
    const bell = new Bell()
    await bell.wait(1)
    const controller = new AbortController()
    const waiting = bell.wait(hourMs, controller.signal)
    controller.abort()
    await waiting
    await bell.wait(hourMs, controller.signal)
  })
})
