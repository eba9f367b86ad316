import { cpus } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'

const lookMs = 250
/** The share of all processors that may be at work while nothing of ours is. */
const quietShare = 0.1

/** Waits until the machine has nothing else to do, but not longer than `mostMs`. Answers whether it became quiet. */
export async function waitUntilQuiet(mostMs: number): Promise<boolean> {
  for (const giveUpAt = performance.now() + mostMs; performance.now() < giveUpAt; ) {
    const before = processorTime()
    await delay(lookMs)
    const after = processorTime()
    if (after.busy - before.busy <= (after.all - before.all) * quietShare) return true
  }
  return false
}

function processorTime(): { busy: number; all: number } {
  const times = cpus().map((cpu) => cpu.times)
  const all = times.reduce((sum, { user, nice, sys, idle, irq }) => sum + user + nice + sys + idle + irq, 0)
  return { busy: all - times.reduce((sum, { idle }) => sum + idle, 0), all }
}
