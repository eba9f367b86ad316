import { afterAll, beforeAll, expect, it } from 'vitest'
import { Analytics } from '../../src/repositories/analytics/analytics.ts'
import { LogRepository } from '../../src/repositories/log-repository.ts'
import { SessionRepository } from '../../src/repositories/session-repository.ts'
import { SpanRepository } from '../../src/repositories/span-repository.ts'
import { TraceRepository } from '../../src/repositories/trace-repository.ts'
import { type Explainer, openExplainer } from '../repositories/explain.ts'
import { createRolesDatabase, migrate, type RolesDatabase } from './roles-database.ts'

/** Three projects of 2000 traces within 30 days, with five spans each, made by the server itself. */
const fill = `
  insert into tracehold.traces (project_id, trace_id, status, start_time, session_id, span_count, error_count,
    llm_call_count, tool_call_count, step_count, steps_duration_ms, created_at, updated_at, written_at)
  select 'p' || p, 't' || n, 'ok', '2026-11-01Z'::timestamptz + n * interval '20 minutes', 'c' || n / 10, 5, 0, 5, 0, 0, 0,
    now(), now(), now()
  from generate_series(1, 3) as p, generate_series(1, 2000) as n;
  insert into tracehold.spans (project_id, trace_id, span_id, name, kind, model, status, start_time, attributes, written_at)
  select 'p' || p, 't' || n, 's' || s, 'chat', 'llm', 'm', case when n % 100 = 0 then 'error' else 'ok' end,
    '2026-11-01Z'::timestamptz + n * interval '20 minutes', '{}', now()
  from generate_series(1, 3) as p, generate_series(1, 2000) as n, generate_series(1, 5) as s;
  insert into tracehold.logs (project_id, log_id, time, body_text, attributes, written_at)
  select 'p' || p, 'l' || n, '2026-11-01Z'::timestamptz + n * interval '20 minutes', 'word' || n, '{}', now()
  from generate_series(1, 3) as p, generate_series(1, 2000) as n;
  analyze`

let database: RolesDatabase
let explainer: Explainer

beforeAll(async () => {
  database = await createRolesDatabase()
  await database.apply({ rowLevelSecurity: true })
  await migrate(database)
  // What a later migration makes stays closed until the roles are brought up to date.
  await database.apply({ rowLevelSecurity: true })
  await database.admin.query(fill)
  const tenant = await database.create(database.names.reader)
  await database.admin.query(`insert into tracehold.project_roles values ('${tenant}'::regrole, 'p2')`)
  explainer = await openExplainer(database.urlOf(tenant), (await database.store(tenant)).pool)
})
afterAll(async () => {
  await explainer.close()
  await database.drop()
})

const day = { since: '2026-11-02T00:00:00.000000Z', until: '2026-11-03T00:00:00.000000Z' }

it('the hot queries read the same indexes under row-level security', async () => {
  const of = { projectId: 'p2' }
  const { pool } = explainer
  const traces = new TraceRepository(pool, of)
  const spans = new SpanRepository(pool, of)
  const middle = (await traces.list({ limit: 1000 })).cursor
  const hot: [call: () => Promise<unknown>, index: RegExp][] = [
    [() => traces.get('t5'), /^spans_.*pk/],
    [() => spans.get('t5', 's1'), /^spans_.*pk/],
    [() => traces.list(), /^traces_start_time$/],
    [() => traces.list({ after: middle }), /^traces_start_time$/],
    [() => traces.list({ sessionId: 'c7' }), /^traces_session$/],
    [() => traces.count(day), /^traces_start_time$/],
    [() => spans.list({ ...day, kind: 'llm' }), /^spans_start_time$/],
    [() => spans.list({ hasError: true }), /^spans_errors$/],
    [() => new SessionRepository(pool, of).list({ limit: 5 }), /^traces_session$/],
    [() => new Analytics(pool, of).usage({ ...day, by: ['model'] }), /^spans_start_time$/],
    [() => new LogRepository(pool, of).list({ ...day }), /^logs_time$/],
  ]
  for (const [call, index] of hot) {
    const plans = await explainer.plansOf(call)
    const text = plans.map((plan) => plan.text).join('\n')
    expect(
      plans.flatMap((plan) => plan.indexes),
      text,
    ).toContainEqual(expect.stringMatching(index))
    expect(
      // The other two have no row here.
      plans.flatMap((plan) => plan.scans).filter((table) => !['project_roles', 'kept_usage'].includes(table)),
      text,
    ).toEqual([])
  }
})

// The server may not look for words before it knows whose row it is, since a search function could tell of it.
it('a search of text reads the rows of its project by time, not by word', async () => {
  const logs = new LogRepository(explainer.pool, { projectId: 'p2' })
  expect((await logs.search('word77')).items).toHaveLength(1)
  const [plan] = await explainer.plansOf(() => logs.search('word77', day))
  expect(plan?.indexes).toContain('logs_time')
  expect(plan?.indexes).not.toContain('logs_search')
})
