import { sql } from 'drizzle-orm'
import type { Kit } from './kit/postgres.ts'
import {
  type AttributeTypes,
  type ContentKeys,
  type DroppedCounts,
  type Json,
  type JsonObject,
  otelKinds,
  type Resource,
  type Scope,
  type SpanLink,
  spanKinds,
  statuses,
} from './values.ts'

/** One row per operation: a model call, a tool call, an agent's turn. Keyed by project, trace and span. */
export const defineSpans = (k: Kit) =>
  k.table(
    'spans',
    {
      /** The tenant; comes first in every key. */
      projectId: k.text('project_id').notNull(),
      traceId: k.text('trace_id').notNull(),
      spanId: k.text('span_id').notNull(),
      parentSpanId: k.text('parent_span_id'),
      name: k.text('name').notNull(),
      kind: k.enumText('kind', spanKinds).notNull(),
      /** `gen_ai.operation.name`: chat, execute_tool, invoke_agent, … */
      operation: k.text('operation'),
      status: k.enumText('status', statuses).notNull(),
      statusMessage: k.text('status_message'),
      /** `error.type`. */
      errorType: k.text('error_type'),
      startTime: k.timestamp('start_time').notNull(),
      endTime: k.timestamp('end_time'),
      /** Milliseconds from start to end. */
      durationMs: k.real('duration_ms'),
      /** The source's own order among the spans of a trace. */
      sequence: k.int('sequence'),
      /** `gen_ai.provider.name`. */
      provider: k.text('provider'),
      /** The model that answered, else the one that was asked. */
      model: k.text('model'),
      /** `gen_ai.request.model`. */
      requestModel: k.text('request_model'),
      /** `gen_ai.response.id`. */
      responseId: k.text('response_id'),
      /** `gen_ai.response.finish_reasons`. */
      finishReasons: k.json<readonly string[]>('finish_reasons'),
      /** All input tokens, cached ones among them. */
      inputTokens: k.bigint('input_tokens'),
      /** All output tokens, reasoning among them. */
      outputTokens: k.bigint('output_tokens'),
      /** As the source reported it, else input + output. */
      totalTokens: k.bigint('total_tokens'),
      cacheReadTokens: k.bigint('cache_read_tokens'),
      cacheCreationTokens: k.bigint('cache_creation_tokens'),
      reasoningTokens: k.bigint('reasoning_tokens'),
      /** US dollars as the source reported them; never computed silently. */
      costUsd: k.real('cost_usd'),
      /** Milliseconds to the first chunk of a streamed answer. */
      timeToFirstChunkMs: k.real('time_to_first_chunk_ms'),
      toolName: k.text('tool_name'),
      toolType: k.text('tool_type'),
      toolCallId: k.text('tool_call_id'),
      /** `mcp.method.name`. */
      mcpMethod: k.text('mcp_method'),
      /** The MCP server that was asked. */
      mcpServer: k.text('mcp_server'),
      mcpSessionId: k.text('mcp_session_id'),
      sessionId: k.text('session_id'),
      userId: k.text('user_id'),
      serviceName: k.text('service_name'),
      environment: k.text('environment'),
      agentId: k.text('agent_id'),
      agentName: k.text('agent_name'),
      agentVersion: k.text('agent_version'),
      workflowName: k.text('workflow_name'),
      otelKind: k.enumText('otel_kind', otelKinds),
      /** W3C `tracestate`. */
      traceState: k.text('trace_state'),
      /** W3C trace flags and OTLP's remote bits. */
      flags: k.bigint('flags'),
      tags: k.json<readonly string[]>('tags'),
      /** What went in: messages, arguments. As received. */
      input: k.json<Json>('input'),
      /** What came out. As received. */
      output: k.json<Json>('output'),
      contentKeys: k.json<ContentKeys>('content_keys'),
      /** Every attribute as received, but for the content that moved to `input` and `output`. */
      attributes: k.json<JsonObject>('attributes').notNull(),
      attributeTypes: k.json<AttributeTypes>('attribute_types'),
      resource: k.json<Resource>('resource'),
      scope: k.json<Scope>('scope'),
      links: k.json<readonly SpanLink[]>('links'),
      dropped: k.json<DroppedCounts>('dropped'),
      /** When the writer accepted the row: the higher or equal stamp wins. */
      writtenAt: k.timestamp('written_at').notNull(),
      /** The transaction that stored the row last. */
      commitSeq: k.commitOrder('commit_seq'),
      /** Name and version of the profile that read the columns from the attributes: `openinference@1`. */
      reader: k.text('reader'),
      /**
       * The part of `inputTokens` that counts: what no span below reports already. Null where all of it does. Set by the
       * writers, as the other shares; sums are over `coalesce(share, reported)`.
       */
      inputShare: k.bigint('input_share'),
      outputShare: k.bigint('output_share'),
      totalShare: k.bigint('total_share'),
      cacheReadShare: k.bigint('cache_read_share'),
      cacheCreationShare: k.bigint('cache_creation_share'),
      reasoningShare: k.bigint('reasoning_share'),
      /** The part of `costUsd` that counts. Null where all of it does. */
      costShare: k.real('cost_share'),
      /** 0 for a model call that repeats one below it, so that it is no second call. Null otherwise. */
      callShare: k.int('call_share'),
      /** Internal: what the children of the span hand up to it, as JSON. Null where nothing is. */
      usageBelow: k.text('usage_below'),
    },
    (t) => [
      k.primaryKey({ columns: [t.projectId, t.traceId, t.spanId] }),
      // Lists, newest first, and everything that has a time range. Without the ids, which would make it three times
      // as large: rows of one microsecond are few, and sorted as they are read.
      k.index('spans_start_time').on(t.projectId, t.startTime),
      // Failed spans, newest first: the rare ones that people look for. It costs nothing for the others.
      k.index('spans_errors').on(t.projectId, t.startTime).where(sql`status = 'error'`),
      // `follow`. It is small: the rows of a transaction share an entry, and their ids are sorted as they are read.
      k.index('spans_commit_seq').on(t.projectId, t.commitSeq),
    ],
  )
