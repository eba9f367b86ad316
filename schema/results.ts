import type { Kit } from './kit/postgres.ts'
import {
  type Assertion,
  type AttributeTypes,
  type Evaluation,
  type JsonObject,
  resultKinds,
  resultStatuses,
} from './values.ts'

/**
 * One row per verdict: a test's result, or an evaluation of a trace or a span. Keyed by an id of its own, since a test
 * has a result for each time that it ran.
 */
export const defineResults = (k: Kit) =>
  k.table(
    'results',
    {
      /** The tenant; comes first in every key. */
      projectId: k.text('project_id').notNull(),
      /** The caller's id, else one that is given when the row is accepted. */
      resultId: k.text('result_id').notNull(),
      kind: k.enumText('kind', resultKinds).notNull(),
      /** The test, or what was evaluated (`gen_ai.evaluation.name`). */
      name: k.text('name').notNull(),
      /** The suite that the test belongs to. */
      suite: k.text('suite'),
      /** The run of the suite, by which results are compared. */
      runId: k.text('run_id'),
      /** Null where an evaluation gives a score or a label and no verdict. */
      status: k.enumText('status', resultStatuses),
      /** 0 to 1. */
      score: k.real('score'),
      /** `gen_ai.evaluation.score.label`. */
      label: k.text('label'),
      /** `gen_ai.evaluation.explanation`. */
      explanation: k.text('explanation'),
      /** Who judged, where one evaluator did. */
      evaluator: k.text('evaluator'),
      errorType: k.text('error_type'),
      errorMessage: k.text('error_message'),
      /** When the verdict was given. */
      time: k.timestamp('time').notNull(),
      /** Milliseconds that the test took. */
      durationMs: k.real('duration_ms'),
      /** The trace that is judged. */
      traceId: k.text('trace_id'),
      /** The span of it that is judged. */
      spanId: k.text('span_id'),
      /** `gen_ai.response.id` of the answer that is judged. */
      responseId: k.text('response_id'),
      serviceName: k.text('service_name'),
      agentName: k.text('agent_name'),
      environment: k.text('environment'),
      evaluations: k.json<readonly Evaluation[]>('evaluations'),
      assertions: k.json<readonly Assertion[]>('assertions'),
      tags: k.json<readonly string[]>('tags'),
      metadata: k.json<JsonObject>('metadata'),
      /**
       * The document that the result was saved as, where it was saved whole: `{"format":"agentprobe","document":…}`. Text,
       * since the document comes back with every number as it was written, and with the trace that it embeds.
       */
      document: k.text('document'),
      attributes: k.json<JsonObject>('attributes'),
      attributeTypes: k.json<AttributeTypes>('attribute_types'),
      /** When the writer accepted the row: the higher or equal stamp wins. */
      writtenAt: k.timestamp('written_at').notNull(),
      /** The transaction that stored the row last. */
      commitSeq: k.commitOrder('commit_seq'),
    },
    (t) => [
      k.primaryKey({ columns: [t.projectId, t.resultId] }),
      // Lists, newest first, and statistics over a time range.
      k.index('results_time').on(t.projectId, t.time),
      // The history of one test: trend, flaky tests.
      k.index('results_name').on(t.projectId, t.name, t.time),
      // A run of a suite, to be compared with another.
      k.index('results_run').on(t.projectId, t.runId, t.name),
      // What was said about a trace. With the time, without which SQLite takes the index of lists and reads all of them.
      k.index('results_trace').on(t.projectId, t.traceId, t.time),
      // `follow`.
      k.index('results_commit_seq').on(t.projectId, t.commitSeq),
    ],
  )
