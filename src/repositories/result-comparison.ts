import { asc, desc, eq, sql } from 'drizzle-orm'
import type { ResultStatus } from '../../schema/values.ts'
import { failingStatuses, type ResultFilter } from './entities/results.ts'
import { compileFilter } from './filters/compile.ts'
import type { ReadScope } from './read-scope.ts'

/** A test's last result in one run of a suite. */
export interface Outcome {
  readonly resultId: string
  readonly status: ResultStatus | null
  readonly score: number | null
  readonly time: string
  readonly traceId: string | null
}

/** A test in two runs; null in the one that does not have it. */
export interface ComparedTest {
  readonly name: string
  readonly before: Outcome | null
  readonly after: Outcome | null
}

/** A run as a whole: the last result of each test. */
export interface RunSummary {
  readonly tests: number
  readonly passed: number
  readonly failed: number
  /** passed / (passed + failed); null of nothing. */
  readonly passRate: number | null
}

/** Two runs of a suite, test by test, in the order of names. Every test of either run stands in one list. */
export interface RunComparison {
  readonly before: RunSummary
  readonly after: RunSummary
  /** They fail, and did not fail before. */
  readonly newlyFailing: ComparedTest[]
  /** They pass, and did not pass before. */
  readonly newlyPassing: ComparedTest[]
  /** They pass, fail or are without a verdict as before. */
  readonly unchanged: ComparedTest[]
  /** They passed or failed before, and are without a verdict now: skipped, pending. */
  readonly undecided: ComparedTest[]
  /** Only the run after has them. */
  readonly added: ComparedTest[]
  /** Only the run before has them. */
  readonly removed: ComparedTest[]
}

type Verdict = 'passing' | 'failing' | 'none'

/** Compares the last result of each test in two runs. */
export async function compareRuns(scope: ReadScope, before: ResultFilter, after: ResultFilter): Promise<RunComparison> {
  const [old, recent] = await Promise.all([lastOutcomes(scope, before), lastOutcomes(scope, after)])
  const lists = { newlyFailing: [], newlyPassing: [], unchanged: [], undecided: [], added: [], removed: [] } as {
    [K in Exclude<keyof RunComparison, 'before' | 'after'>]: ComparedTest[]
  }
  // By code unit, as every engine orders names of ASCII.
  for (const name of [...new Set([...old.keys(), ...recent.keys()])].sort()) {
    const test = { name, before: old.get(name) ?? null, after: recent.get(name) ?? null }
    lists[changeOf(test)].push(test)
  }
  return { before: summaryOf(old), after: summaryOf(recent), ...lists }
}

function changeOf({ before, after }: ComparedTest): keyof Omit<RunComparison, 'before' | 'after'> {
  if (!before) return 'added'
  if (!after) return 'removed'
  const verdict = verdictOf(after)
  if (verdict === verdictOf(before)) return 'unchanged'
  if (verdict === 'none') return 'undecided'
  return verdict === 'failing' ? 'newlyFailing' : 'newlyPassing'
}

const failing: ReadonlySet<ResultStatus | null> = new Set(failingStatuses)

const verdictOf = ({ status }: Outcome): Verdict =>
  status === 'passed' ? 'passing' : failing.has(status) ? 'failing' : 'none'

function summaryOf(outcomes: ReadonlyMap<string, Outcome>): RunSummary {
  const verdicts = [...outcomes.values()].map(verdictOf)
  const passed = verdicts.filter((verdict) => verdict === 'passing').length
  const failed = verdicts.filter((verdict) => verdict === 'failing').length
  return { tests: outcomes.size, passed, failed, passRate: passed + failed === 0 ? null : passed / (passed + failed) }
}

async function lastOutcomes(scope: ReadScope, filter: ResultFilter): Promise<Map<string, Outcome>> {
  const { db, tables } = scope.pool
  const { results } = tables
  const { name, resultId, status, score, time, traceId } = results
  const ranked = db
    .select({
      name,
      resultId,
      status,
      score,
      time,
      traceId,
      position: sql<number>`row_number() over (partition by ${name} order by ${desc(time)}, ${desc(resultId)})`.as(
        'position',
      ),
    })
    .from(results)
    .where(compileFilter(scope, 'results', filter).where)
    .as('ranked')
  const rows = await db
    .select({
      name: ranked.name,
      resultId: ranked.resultId,
      status: ranked.status,
      score: ranked.score,
      time: ranked.time,
      traceId: ranked.traceId,
    })
    .from(ranked)
    .where(eq(ranked.position, 1))
    .orderBy(asc(ranked.name))
  return new Map(rows.map(({ name, ...outcome }) => [name, outcome]))
}
