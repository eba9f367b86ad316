import { type SQL, sql } from 'drizzle-orm'

/** From here on a sum may be no number any more, which Postgres takes for an error and others for infinite. */
const tooLarge = sql.raw('1e290')

/** A number that can be summed, null where it is too large. */
export const summable = (value: SQL): SQL => sql`case when abs(${value}) < ${tooLarge} then ${value} end`

/** The sum of numbers; null of nothing and where one is too large. */
export const boundedSum = (value: SQL): SQL =>
  sql`case when max(abs(${value})) < ${tooLarge} then sum(${summable(value)}) end`
