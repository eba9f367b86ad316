import { sql } from 'drizzle-orm'
import type { Kit } from './kit/postgres.ts'
import type { AttributeTypes, Json, JsonObject, Resource, Scope } from './values.ts'

/** The lowest severity of an error (OpenTelemetry's ERROR). */
export const errorSeverity = 17

/**
 * One row per OpenTelemetry log record. Keyed by an id of its own. The index for text search is made by the
 * migrations `log_search` and `search_text`, since drizzle-kit has no words for it.
 */
export const defineLogs = (k: Kit) =>
  k.table(
    'logs',
    {
      /** The tenant; comes first in every key. */
      projectId: k.text('project_id').notNull(),
      /** The caller's id, else one that is given when the row is accepted. */
      logId: k.text('log_id').notNull(),
      rowNumber: k.rowNumber('row_number'),
      /** When it happened, else when it was observed. */
      time: k.timestamp('time').notNull(),
      observedTime: k.timestamp('observed_time'),
      /** 1 to 24: trace from 1, debug from 5, info from 9, warn from 13, error from 17, fatal from 21. */
      severity: k.int('severity'),
      /** The source's own word for the severity. */
      severityText: k.text('severity_text'),
      /** The body where it is text; of a structured one the texts in it, which the search reads. */
      bodyText: k.text('body_text'),
      /** A body that is not text. */
      body: k.json<Json>('body'),
      /** The kind of event, of a record that is one. */
      eventName: k.text('event_name'),
      traceId: k.text('trace_id'),
      spanId: k.text('span_id'),
      /** W3C trace flags. */
      flags: k.bigint('flags'),
      serviceName: k.text('service_name'),
      environment: k.text('environment'),
      attributes: k.json<JsonObject>('attributes').notNull(),
      attributeTypes: k.json<AttributeTypes>('attribute_types'),
      droppedAttributesCount: k.bigint('dropped_attributes_count'),
      resource: k.json<Resource>('resource'),
      scope: k.json<Scope>('scope'),
      /** When the writer accepted the row: the higher or equal stamp wins. */
      writtenAt: k.timestamp('written_at').notNull(),
      /** The transaction that stored the row last. */
      commitSeq: k.commitOrder('commit_seq'),
      /** What the search reads of a body that is not all ASCII: its words in small, with a space between. Internal. */
      searchText: k.text('search_text'),
    },
    (t) => [
      k.keyBesideRowNumber({ name: 'logs_key', columns: [t.projectId, t.logId] }),
      // Lists, newest first, and statistics over a time range.
      k.index('logs_time').on(t.projectId, t.time),
      // The log of a trace, in order.
      k.index('logs_trace').on(t.projectId, t.traceId, t.time).where(sql`trace_id is not null`),
      // Errors are few, and asked for most.
      k.index('logs_errors').on(t.projectId, t.time).where(sql`severity >= 17`),
      // `follow`.
      k.index('logs_commit_seq').on(t.projectId, t.commitSeq),
    ],
  )
