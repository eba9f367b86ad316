import { describe, expect, it } from 'vitest'
import { PollSignal } from '../../src/live/poll-signal.ts'

const hourMs = 3_600_000

describe('a poll signal', () => {
  it('ends a wait', async () => {
    const signal = new PollSignal()
    const waiting = signal.wait(hourMs)
    signal.notify()
    await waiting
  })

  it('keeps a notification for the next wait', async () => {
    const signal = new PollSignal()
    signal.notify()
    await signal.wait(hourMs)
  })

  it('makes the waits after a notification short, and each longer than the last', async () => {
    const signal = new PollSignal()
    signal.notify()
    await signal.wait(hourMs)
    const tookMs: number[] = []
    for (let n = 0; n < 4; n += 1) {
      const started = performance.now()
      await signal.wait(hourMs)
      tookMs.push(performance.now() - started)
    }
    expect(tookMs[0]).toBeLessThan(tookMs[3] ?? 0)
    expect(tookMs[3]).toBeGreaterThan(70)
  })

  it('waits no longer than asked, and ends with the abort signal', async () => {
    const signal = new PollSignal()
    await signal.wait(1)
    const controller = new AbortController()
    const waiting = signal.wait(hourMs, controller.signal)
    controller.abort()
    await waiting
    await signal.wait(hourMs, controller.signal)
  })
})
