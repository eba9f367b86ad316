import { type Finding, failed, many, ok, warning } from '../../engines/finding.ts'
import { Migrator } from '../../migrations/migrator.ts'
import type { Subject } from '../subject.ts'

/** Whether the schema is the one that this package ships: not behind, not ahead, and not edited. */
export async function checkSchema({ pool }: Subject): Promise<Finding> {
  const { current, latest, pending } = await new Migrator(pool).status()
  if (current === 0) {
    const nextStep = 'The first import makes them; or run: tracehold migrate'
    return { ...warning('there are no tables yet', nextStep), blocks: true }
  }
  if (pending.length > 0) {
    const names = pending.map(({ name }) => name).join(', ')
    const message = `version ${current}, and this package needs ${latest}: ${many(pending.length, 'migration')} pending (${names})`
    return { ...failed(message, 'Run: tracehold migrate'), blocks: true }
  }
  return ok(`version ${current}, up to date`)
}
