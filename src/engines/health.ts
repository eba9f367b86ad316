import { StorageError } from '../errors.ts'
import { withDeadline } from './deadline.ts'

/** The answer to a health check. */
export interface Health {
  readonly ok: boolean
  /** Round trip of the check, in milliseconds. */
  readonly latencyMs: number
  /** Version of the server or engine, where it answered. */
  readonly version?: string
  /** Why it is not well; never a secret. */
  readonly error?: string
}

/** Something that a store works with and that can be asked how it is: its database, a replica, Redis. */
export interface HealthCheck {
  /** What is asked, as reports call it: `postgres`, `replica`, `redis`. One name, one check. */
  readonly name: string
  /** Whether the store cannot do its work without it. The loss of another is `degraded`, and the store stays ready. */
  readonly required: boolean
  /** Asks. It need not catch: what it throws counts as not well. */
  check(): Promise<Health>
}

/** `ok`: all is well. `degraded`: something is lost that the store can do without. `failed`: something it needs is. */
export type HealthStatus = 'ok' | 'degraded' | 'failed'

/** What one check answered. */
export interface CheckResult extends Health {
  readonly name: string
  readonly required: boolean
}

/** Runs all checks at once; one that does not answer in time is not well. */
export function runChecks(checks: readonly HealthCheck[], deadlineMs: number): Promise<CheckResult[]> {
  return Promise.all(
    checks.map(async (check) => ({
      name: check.name,
      required: check.required,
      ...(await askOnce(check, deadlineMs)),
    })),
  )
}

/** Those who ask at the same time get one answer: probes must not become a load of their own. */
const asked = new WeakMap<HealthCheck, Promise<Health>>()

function askOnce(check: HealthCheck, deadlineMs: number): Promise<Health> {
  const running = asked.get(check)
  if (running) return running
  const answer = ask(check, deadlineMs).finally(() => asked.delete(check))
  asked.set(check, answer)
  return answer
}

async function ask(check: HealthCheck, deadlineMs: number): Promise<Health> {
  const started = performance.now()
  try {
    return await withDeadline(check.check(), deadlineMs, `ask ${check.name}`, () => {})
  } catch (error) {
    // An error of another kind may quote anything: only ours are known to hold no secret.
    const reason = error instanceof StorageError ? error.message : 'the check failed'
    return { ok: false, latencyMs: performance.now() - started, error: reason }
  }
}

/** The results in one word. */
export function statusOf(results: readonly CheckResult[]): HealthStatus {
  const lost = results.filter(({ ok }) => !ok)
  if (lost.length === 0) return 'ok'
  return lost.some(({ required }) => required) ? 'failed' : 'degraded'
}
