import { type Finding, failed, many, ok } from '../../engines/finding.ts'
import type { Subject } from '../subject.ts'

/** Whether every index that the migrations made is there and usable. */
export async function checkIndexes({ pool }: Subject): Promise<Finding> {
  const { expected, found, repair = (name) => name } = await pool.diagnostics.indexes()
  const missing = [...expected].filter(([name]) => !found.has(name))
  if (missing.length > 0) {
    const statements = missing.map(([, statement]) => `${statement};`).join(' ')
    return failed(`missing: ${missing.map(([name]) => name).join(', ')}`, `Run as the owner: ${statements}`)
  }
  const unusable = [...found].filter(([, isUsable]) => !isUsable).map(([name]) => name)
  if (unusable.length > 0) {
    const statements = unusable.map((name) => `${repair(name)};`).join(' ')
    return failed(`not usable: ${unusable.join(', ')}`, `Run as the owner: ${statements}`)
  }
  return ok(`${many(expected.size, 'index', 'indexes')} there`)
}
