import type { Kit } from './kit/postgres.ts'

/** Internal: what one process at a time does, such as pruning, and which process that is. */
export const defineLeases = (k: Kit) =>
  k.table(
    'leases',
    {
      projectId: k.text('project_id').notNull(),
      /** What is done. */
      name: k.text('name').notNull(),
      /** Who does it: host, process and a random text. */
      holder: k.text('holder').notNull(),
      /** When others may take it, unless its holder takes it anew before. */
      expiresAt: k.timestamp('expires_at').notNull(),
    },
    (t) => [k.primaryKey({ columns: [t.projectId, t.name] })],
  )
