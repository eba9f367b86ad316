import { type Fault, ValidationError } from '../errors.ts'

/** The names of the three roles. */
export type RoleNames = Readonly<Record<'owner' | 'writer' | 'reader', string>>

/** PostgreSQL cuts a longer name, and two could become one. */
const longestNameBytes = 63

/** @throws ValidationError for a name that PostgreSQL would refuse, cut or take for another */
export function checkRoleNames(roles: RoleNames): void {
  const faults: Fault[] = []
  const seen = new Set<string>()
  for (const field of ['owner', 'writer', 'reader'] as const) {
    const message = faultOf(roles[field], seen)
    if (message) faults.push({ field, message })
    seen.add(roles[field])
  }
  if (faults.length > 0) throw new ValidationError('Invalid roles', faults)
}

function faultOf(name: string, others: ReadonlySet<string>): string | undefined {
  if (name === '' || name.includes('\0')) return 'must be a name'
  if (Buffer.byteLength(name) > longestNameBytes) return `must have at most ${longestNameBytes} bytes`
  if (/^pg_|^(public|none)$/.test(name)) return 'must not be a name that PostgreSQL keeps for itself'
  return others.has(name) ? 'must be a role of its own' : undefined
}
