import type { Kit } from './kit/postgres.ts'

/**
 * Internal: what was erased, so that no late or repeated row with an older stamp brings it back. Rows go once nothing
 * can be on its way any more.
 */
export const defineTombstones = (k: Kit) =>
  k.table(
    'tombstones',
    {
      projectId: k.text('project_id').notNull(),
      /** The table that the key is of. A trace stands for all that belongs to it. */
      entity: k.text('entity').notNull(),
      /** The first part of the row's key: of a trace its id. */
      key: k.text('key').notNull(),
      /** Rows with this stamp, or a lower one, are not stored again. */
      erasedAt: k.timestamp('erased_at').notNull(),
    },
    (t) => [k.primaryKey({ columns: [t.projectId, t.entity, t.key] })],
  )
