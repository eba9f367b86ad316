import { type Finding, ok, time, warning } from '../../engines/finding.ts'

/** A difference that no longer is the network's doing, in milliseconds. */
const toleratedMs = 1_000

/**
 * Whether the server's clock and ours agree: of two versions of a row the one with the later stamp wins.
 *
 * @param ask returns the server's clock, in milliseconds since 1970
 */
export async function checkClock(ask: () => Promise<number>): Promise<Finding> {
  const before = Date.now()
  const theirs = await ask()
  const after = Date.now()
  // The server looked at its clock some time between.
  const differenceMs = theirs - (before + after) / 2
  const doubtMs = (after - before) / 2
  const sense = differenceMs > 0 ? 'ahead of' : 'behind'
  const message = `the server's clock is ${time(Math.abs(differenceMs))} ${sense} this machine's`
  if (Math.abs(differenceMs) - doubtMs <= toleratedMs) return ok(message)
  return warning(message, 'Set both by NTP: the later stamp decides which version of a row wins.')
}
