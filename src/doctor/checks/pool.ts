import { type Finding, many, ok } from '../../engines/finding.ts'
import type { Subject } from '../subject.ts'

/** What the pool may open and has open. */
export async function checkPool({ pool }: Subject): Promise<Finding> {
  const { max, size, active, waiting } = pool.stats()
  return ok(`at most ${many(max, 'connection')}; ${size} open, ${active} active, ${waiting} waiting`)
}
