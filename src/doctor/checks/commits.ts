import { type Finding, failure, ok } from '../../engines/finding.ts'
import type { Subject } from '../subject.ts'

/** Whether rows can be followed: their numbers are those of this database. */
export async function checkCommits({ pool }: Subject): Promise<Finding> {
  try {
    await pool.primary.commitOrder.now()
    return ok('rows can be followed')
  } catch (error) {
    return failure(error, 'ask for the order of rows')
  }
}
