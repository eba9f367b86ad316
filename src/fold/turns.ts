/** Work that stops now and then, so that whoever runs it can let others in. */
export type Turns<T> = Generator<void, T, void>

/** How many spans are worked on between two stops. */
export const spansPerTurn = 1_024

/** Does the work without a stop. */
export function atOnce<T>(turns: Turns<T>): T {
  for (;;) {
    const { done, value } = turns.next()
    if (done) return value
  }
}

/** Does the work, and after each part of it what `pause` does. */
export async function inTurns<T>(turns: Turns<T>, pause: () => Promise<void>): Promise<T> {
  for (;;) {
    const { done, value } = turns.next()
    if (done) return value
    await pause()
  }
}
