import { type AgentTrace, stepTypes, type TraceStep } from '../formats/selectools/document.ts'

/** Numbers from 0 up to 1, the same for the same seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const teams: readonly unknown[] = [
  'search',
  'billing',
  'Ünïcode 🚀',
  '',
  null,
  undefined,
  7,
  7.5,
  true,
  ['a', 1],
  { a: { b: null } },
]

/** Traces with few different values, so that filters find some of them and not others. */
export function randomTraces(count: number, seed = 1): AgentTrace[] {
  const random = randomNumbers(seed)
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T
  return Array.from({ length: count }, (_, i): AgentTrace => {
    const team = pick(teams)
    const user = pick([undefined, null, 'u1', 'u2'])
    const steps = Array.from(
      { length: Math.floor(random() * 6) },
      (_, n): TraceStep => ({
        type: pick(stepTypes),
        timestamp: 1_763_000_000 + n,
        duration_ms: Math.round(random() * 1e6) / 1e3,
        step_number: n,
      }),
    )
    const metadata = { ...(team !== undefined && { team }), ...(user !== undefined && { user }), index: i }
    return { run_id: `run-${i}`, start_time: 1_763_000_000.5 + i, steps, ...(random() < 0.9 && { metadata }) }
  })
}
