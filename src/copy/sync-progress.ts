import { z } from 'zod'
import { rowKeySchema } from '../row-pages/row-key.ts'
import { routeSchema } from './progress-file.ts'

const pointSchema = z.object({ horizon: z.number(), history: z.string() })

/** How far a sync is, as it is kept in a file. */
export const progressSchema = routeSchema.extend({
  /** Every row below this point of the source is in the target. Undefined at the start. */
  done: pointSchema.optional(),
  /** Where the target was when it had them. */
  target: pointSchema.optional(),
  /** What is under way: rows of the transactions from there up to a further point, table after table. */
  round: z
    .object({
      upTo: pointSchema,
      /** The last row that is in the target. */
      table: z.string(),
      projectId: z.string(),
      position: z.object({ commit: z.number(), key: rowKeySchema }),
    })
    .optional(),
})

/** How far a sync is. */
export type SyncState = z.infer<typeof progressSchema>
