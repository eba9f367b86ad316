import { InvalidArgumentError } from 'commander'
import type { Json } from '../../../schema/values.ts'
import type { JsonPredicate } from '../../repositories/filters/match.ts'

const condition = /^(?<path>.*?)\s*(?<operator>!=|>=|<=|=|>|<)\s*(?<value>.*)$/s
const comparisons = { '>': 'gt', '>=': 'gte', '<': 'lt', '<=': 'lte' } as const
type Comparison = keyof typeof comparisons

/**
 * Conditions on a value of a document, as people write them: `team=red`, `plan=pro,team` (one of these), `score>=0.5`,
 * `/user/plan!=free`, `team` (it is there), `!team` (it is not). A name is a key, dots and all; with a slash in front
 * it is a path of keys and indexes, a JSON pointer (RFC 6901).
 *
 * @throws InvalidArgumentError when no key is named
 */
export function pathConditionsOf(written: string): JsonPredicate[] {
  const { path, operator, value = '' } = condition.exec(written)?.groups ?? {}
  if (path === undefined || operator === undefined) {
    const isAbsent = written.startsWith('!')
    return [{ path: pathOf(isAbsent ? written.slice(1) : written), exists: !isAbsent }]
  }
  const steps = pathOf(path)
  if (operator === '=') return [{ path: steps, in: readings(value) }]
  if (operator === '!=') return readings(value).map((ne) => ({ path: steps, ne }))
  const bound = jsonOf(value)
  return [{ path: steps, [comparisons[operator as Comparison]]: isComparable(bound) ? bound : value }]
}

const isComparable = (value: Json) => typeof value === 'number' || typeof value === 'string'

function pathOf(written: string): JsonPredicate['path'] {
  if (written === '') throw new InvalidArgumentError('Name a key first, as in team=red or /user/plan=pro.')
  if (!written.startsWith('/')) return written
  return written
    .slice(1)
    .split('/')
    .map((step) => (/^(0|[1-9]\d*)$/.test(step) ? Number(step) : step.replaceAll('~1', '/').replaceAll('~0', '~')))
}

/**
 * The values that a text may mean: several have commas between them; a list, an object or a text in quotes is one,
 * written as JSON. `5` and `true` may be stored as texts too.
 */
function readings(written: string): Json[] {
  if (/^["[{]/.test(written)) return [jsonOf(written)]
  return written.split(',').flatMap((each) => [...new Set([jsonOf(each), each])])
}

function jsonOf(written: string): Json {
  try {
    return JSON.parse(written)
  } catch {
    return written
  }
}
