import type { Kit } from './kit/postgres.ts'
import type { AttributeTypes, JsonObject } from './values.ts'

/** One row per event of a span (an exception, a message, a milestone), keyed by its ordinal in the span. */
export const defineEvents = (k: Kit) =>
  k.table(
    'events',
    {
      /** The tenant; comes first in every key. */
      projectId: k.text('project_id').notNull(),
      traceId: k.text('trace_id').notNull(),
      spanId: k.text('span_id').notNull(),
      /** The event's index in its span, from 0. */
      ordinal: k.int('ordinal').notNull(),
      name: k.text('name').notNull(),
      time: k.timestamp('time').notNull(),
      attributes: k.json<JsonObject>('attributes').notNull(),
      attributeTypes: k.json<AttributeTypes>('attribute_types'),
      droppedAttributesCount: k.bigint('dropped_attributes_count'),
      /** When the writer accepted the row: the higher or equal stamp wins. */
      writtenAt: k.timestamp('written_at').notNull(),
      /** The transaction that stored the row last. */
      commitSeq: k.commitOrder('commit_seq'),
    },
    (t) => [
      k.primaryKey({ columns: [t.projectId, t.traceId, t.spanId, t.ordinal] }),
      // `follow`.
      k.index('events_commit_seq').on(t.projectId, t.commitSeq),
    ],
  )
