import { type Finding, many, ok, time } from '../../engines/finding.ts'
import { Analytics } from '../../repositories/analytics/analytics.ts'
import type { Subject } from '../subject.ts'

const dayMs = 86_400_000

/** Asks for the last day, as an app would. */
export async function checkSample({ pool, config: { projectId } }: Subject): Promise<Finding> {
  const started = performance.now()
  const [day] = await new Analytics(pool, { projectId }).runs({ since: new Date(Date.now() - dayMs) })
  const took = time(performance.now() - started)
  const tokens = many(day?.totalTokens ?? 0, 'token')
  return ok(
    `${many(day?.runs ?? 0, 'trace')} with ${tokens} in the last day of project '${projectId}', read in ${took}`,
  )
}
