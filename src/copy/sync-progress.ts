import { z } from 'zod'
import { routeSchema } from './progress-file.ts'
import { rowKeySchema } from './row-key.ts'

/** How far a sync is, as it is kept in a file. */
export const progressSchema = routeSchema.extend({
  /** Every row of a lower transaction is in the target. */
  commit: z.number(),
  /** What is under way: rows of the transactions from `commit` up to the horizon, table after table. */
  round: z
    .object({
      horizon: z.number(),
      /** The last row that is in the target. */
      table: z.string(),
      projectId: z.string(),
      position: z.object({ commit: z.number(), key: rowKeySchema }),
    })
    .optional(),
})

/** How far a sync is. */
export type SyncState = z.infer<typeof progressSchema>
