import type { Backend } from './backends.ts'

/** Whether this is `npm run test:long`. */
const isLong = Boolean(process.env.TRACEHOLD_LONG)

/**
 * How often something is done: few times in `npm test`, often in `npm run test:long`. A test that repeats takes its
 * number, and the time that it may take, from here.
 */
export const runs = (short: number, long: number): number => (isLong ? long : short)

/** The same on an engine: a statement costs ClickHouse some milliseconds, so `npm test` does a quarter of it there. */
export function runsOn({ name }: Backend, short: number, long: number): number {
  return runs(name === 'clickhouse' ? Math.ceil(short / 4) : short, long)
}
