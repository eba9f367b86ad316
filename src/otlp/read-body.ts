import type { Reservation } from './pending-bytes.ts'
import { Refusal } from './refusal.ts'

/** What bounds the reading of a body. */
interface Bounds {
  /** Bytes that it may have. */
  readonly most: number
  readonly timeoutMs: number
  readonly reservation: Reservation
}

/**
 * Reads a body into memory.
 *
 * @param announced its length, where the request says it
 * @throws Refusal with 413 for one that is too large, as soon as that shows; with 408 for one that is too slow; with 429
 *   where too many bytes are pending; with 400 where the sender breaks off
 */
export async function readBody(
  body: AsyncIterable<Uint8Array>,
  announced: string | undefined,
  { most, timeoutMs, reservation }: Bounds,
): Promise<Uint8Array> {
  if (Number(announced) > most) throw Refusal.tooLarge(most)
  const pieces: Uint8Array[] = []
  let size = 0
  const iterator = body[Symbol.asyncIterator]()
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Refusal(408, `The body did not arrive within ${timeoutMs} ms.`)), timeoutMs)
  })
  late.catch(() => {})
  try {
    for (;;) {
      const { done, value } = await Promise.race([iterator.next(), late])
      if (done) return pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces, size)
      size += value.length
      if (size > most) throw Refusal.tooLarge(most)
      reservation.take(value.length)
      pieces.push(value)
    }
  } catch (error) {
    // What is left of it is not read; nobody waits for the sender to agree.
    iterator.return?.().catch(() => {})
    if (error instanceof Refusal) throw error
    throw new Refusal(400, 'The body broke off.')
  } finally {
    clearTimeout(timer)
  }
}
