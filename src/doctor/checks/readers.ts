import { desc, eq } from 'drizzle-orm'
import { type Finding, many, ok, skipped, warning } from '../../engines/finding.ts'
import { unreadAttributes } from '../../formats/otlp/profiles/read.ts'
import type { Subject } from '../subject.ts'

/** Spans that are looked at: the newest ones. */
const newest = 500
/** Names of attributes that a warning lists. */
const listed = 5

/** Which profile read the newest spans of each instrumentation, and what looks like a column and was not read. */
export async function checkReaders({ pool, config: { projectId } }: Subject): Promise<Finding> {
  const { spans } = pool.tables
  const rows = await pool.db
    .select({ scope: spans.scope, reader: spans.reader, attributes: spans.attributes })
    .from(spans)
    .where(eq(spans.projectId, projectId))
    .orderBy(desc(spans.startTime))
    .limit(newest)
  const readings = new Map<string, { readonly scope: string; readonly reader: string; count: number }>()
  const unread = new Map<string, Set<string>>()
  for (const { scope, reader, attributes } of rows) {
    // Spans that a program wrote itself have no reader.
    if (reader === null) continue
    const name = scope?.name || 'no scope'
    const reading = readings.get(`${reader} ${name}`) ?? { scope: name, reader, count: 0 }
    reading.count += 1
    readings.set(`${reader} ${name}`, reading)
    const names = unread.get(name) ?? new Set()
    for (const each of unreadAttributes(scope, attributes ?? {})) names.add(each)
    if (names.size > 0) unread.set(name, names)
  }
  if (readings.size === 0) return skipped(`no span of project '${projectId}' came from an instrumentation`)
  const told = [...readings.values()].map(({ scope, reader, count }) => `${scope} by ${reader} (${count})`).join(', ')
  const found = `${many(rows.length, 'newest span')}: ${told}`
  if (unread.size === 0) return ok(found)
  const left = [...unread].map(([scope, names]) => `${scope}: ${[...names].slice(0, listed).join(', ')}`).join('; ')
  return warning(
    `${found}; not read although they look like a column: ${left}`,
    'See which attributes are read in docs/attributes.md; a profile for the instrumentation reads more.',
  )
}
