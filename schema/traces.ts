import { sql } from 'drizzle-orm'
import type { Kit } from './kit/postgres.ts'
import { tokenColumns } from './tokens.ts'
import { type Json, type JsonObject, type Resource, statuses } from './values.ts'

/** The columns marked "derived": an authored value wins over what the spans say. */
export const derivedColumns = [
  'name',
  'runId',
  'parentRunId',
  'sessionId',
  'userId',
  'serviceName',
  'agentName',
  'agentVersion',
  'environment',
  'provider',
  'model',
  'status',
  'statusMessage',
  'startTime',
  'endTime',
  'durationMs',
  'stepCount',
  'stepsDurationMs',
] as const

/** The sums: what the spans say wins over an authored value. */
export const summedColumns = [...tokenColumns, 'costUsd'] as const

/**
 * One row per run of an agent (or per OpenTelemetry trace). Two authors meet here: what a caller sets is kept in
 * `authored`; every column marked "derived" shows the authored value, else what the trace's spans say. Token and cost
 * sums come from the spans when any span carries them.
 */
export const defineTraces = (k: Kit) =>
  k.table(
    'traces',
    {
      /** The tenant; comes first in every key. */
      projectId: k.text('project_id').notNull(),
      traceId: k.text('trace_id').notNull(),
      /** Derived: the name of the root span. */
      name: k.text('name'),
      /** The caller's own id of this run, where it differs from the trace's. */
      runId: k.text('run_id'),
      parentRunId: k.text('parent_run_id'),
      /** Derived: the conversation that the trace belongs to (`gen_ai.conversation.id`, `session.id`). */
      sessionId: k.text('session_id'),
      /** Derived: the end user (`user.id`). */
      userId: k.text('user_id'),
      /** Derived: `service.name` of the resource. */
      serviceName: k.text('service_name'),
      /** Derived: `gen_ai.agent.name`. */
      agentName: k.text('agent_name'),
      agentVersion: k.text('agent_version'),
      /** Derived: `deployment.environment.name`. */
      environment: k.text('environment'),
      /** Derived: the provider of the root span, else the first by name among the spans. */
      provider: k.text('provider'),
      /** Derived: the model of the root span, else the first by name among the spans. */
      model: k.text('model'),
      /** Derived: the status of the root span. */
      status: k.enumText('status', statuses).notNull(),
      statusMessage: k.text('status_message'),
      /** Derived: the earliest start among the spans; the time of saving while there is none. */
      startTime: k.timestamp('start_time').notNull(),
      /** Derived: the latest end among the spans. */
      endTime: k.timestamp('end_time'),
      /** Derived: wall time from start to end, in milliseconds. */
      durationMs: k.real('duration_ms'),
      /** Stored spans of this trace. */
      spanCount: k.int('span_count').notNull(),
      /** Spans with status `error`. */
      errorCount: k.int('error_count').notNull(),
      /** Spans of kind `llm`. */
      llmCallCount: k.int('llm_call_count').notNull(),
      /** Spans of kind `tool` or `mcp`. */
      toolCallCount: k.int('tool_call_count').notNull(),
      /** Derived: steps of the run; spans without the root where the source has no steps. */
      stepCount: k.int('step_count').notNull(),
      /** Derived: the sum of step durations in milliseconds, not wall time. */
      stepsDurationMs: k.real('steps_duration_ms').notNull(),
      /** Sum over spans. Cached tokens are part of input, as OpenTelemetry counts. */
      inputTokens: k.bigint('input_tokens'),
      /** Sum over spans. Reasoning tokens are part of output. */
      outputTokens: k.bigint('output_tokens'),
      totalTokens: k.bigint('total_tokens'),
      cacheReadTokens: k.bigint('cache_read_tokens'),
      cacheCreationTokens: k.bigint('cache_creation_tokens'),
      reasoningTokens: k.bigint('reasoning_tokens'),
      /** Sum over spans in US dollars, exact to 1e-9. */
      costUsd: k.real('cost_usd'),
      tags: k.json<readonly string[]>('tags'),
      metadata: k.json<JsonObject>('metadata'),
      resource: k.json<Resource>('resource'),
      input: k.json<Json>('input'),
      output: k.json<Json>('output'),
      /** What the caller set on this trace, apart from what the spans say. Null when nobody wrote the trace itself. */
      authored: k.json<JsonObject>('authored'),
      /**
       * The document that the trace was saved as, where it was saved whole: `{"format":"selectools","document":…}`. Text,
       * since the document comes back with every number as it was written.
       */
      document: k.text('document'),
      /** When the trace was last saved by its author (or as its author says), or first seen. */
      createdAt: k.timestamp('created_at').notNull(),
      /** When anything of the trace last changed. */
      updatedAt: k.timestamp('updated_at').notNull(),
      /** The stamp of the author's last write: the higher or equal one wins. */
      writtenAt: k.timestamp('written_at').notNull(),
      /** The transaction that stored the row last. */
      commitSeq: k.commitOrder('commit_seq'),
      /** Internal: when the author said each field, in microseconds. Null where all were said with the last write. */
      authoredStamps: k.json<Readonly<Record<string, number>>>('authored_stamps'),
      /** Internal: what the spans of the trace say together, as JSON. Null where there are none. */
      derived: k.text('derived'),
    },
    (t) => [
      k.primaryKey({ columns: [t.projectId, t.traceId] }),
      // Lists, newest first, and everything that has a time range.
      k.index('traces_start_time').on(t.projectId, t.startTime),
      // The traces of a conversation, newest first, and the list of sessions.
      k.index('traces_session').on(t.projectId, t.sessionId, t.startTime).where(sql`session_id is not null`),
      // The traces of an end user, newest first.
      k.index('traces_user').on(t.projectId, t.userId, t.startTime).where(sql`user_id is not null`),
      // The runs that a run started. Most traces have no parent run, and cost nothing here.
      k.index('traces_parent_run').on(t.projectId, t.parentRunId, t.startTime).where(sql`parent_run_id is not null`),
      // A run by the caller's own id, where it has one beside the trace's.
      k.index('traces_run').on(t.projectId, t.runId).where(sql`run_id is not null`),
      // Trace stores list what was saved last first.
      k.index('traces_created_at').on(t.projectId, t.createdAt),
      // Traces by what their metadata says. Most traces have none, and cost nothing here.
      ...k.jsonIndex('traces_metadata', t.metadata),
      // `follow`.
      k.index('traces_commit_seq').on(t.projectId, t.commitSeq),
    ],
  )
