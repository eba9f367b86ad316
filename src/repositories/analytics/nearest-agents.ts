import { type SQL, sql } from 'drizzle-orm'
import type { Tables } from '../../../schema/tables.ts'

/** How many levels above a span its agent is looked for. It also ends the look where spans are each other's ancestors. */
const mostLevels = 100

/**
 * Which agent runs a span that names none: the one that its nearest ancestor names. It is looked for only in traces in
 * which a span names another agent than the trace; in all others it is the trace's. A table with `trace_id`, `span_id`
 * and `agent_name`.
 *
 * @param where which spans are asked about
 */
export function nearestAgents({ spans, traces }: Tables, projectId: string, where: SQL | undefined): SQL {
  const asked = sql`${spans} where ${where ?? sql`1 = 1`} and ${spans.agentName} is null and ${spans.parentSpanId} is not null`
  return sql`(with recursive nested as (
      select distinct s.trace_id as trace_id from ${spans} s
      inner join ${traces} t on t.project_id = s.project_id and t.trace_id = s.trace_id
      where s.project_id = ${projectId} and s.agent_name is not null and s.agent_name <> coalesce(t.agent_name, '')
        and s.trace_id in (select trace_id from ${asked})
    ), up as (
      select trace_id, span_id, parent_span_id as above, agent_name, 0 as levels
      from ${asked} and trace_id in (select trace_id from nested)
      union all
      select up.trace_id, up.span_id, p.parent_span_id as above, p.agent_name, up.levels + 1 as levels
      from up inner join ${spans} p on p.trace_id = up.trace_id and p.span_id = up.above
      where p.project_id = ${projectId} and up.agent_name is null and up.levels < ${sql.raw(String(mostLevels))}
    ) select trace_id, span_id, agent_name from up where agent_name is not null)`
}
