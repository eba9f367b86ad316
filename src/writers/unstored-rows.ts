import { writeSync } from 'node:fs'

/** What holds rows that are not stored yet. */
export interface RowHolder {
  readonly rows: number
}

const holders = new Set<RowHolder>()

/** Counts a holder's rows in the warning of a process that ends without storing them. */
export function watchUnstored(holder: RowHolder): void {
  if (holders.size === 0) process.on('exit', warn)
  holders.add(holder)
}

/** Ends it: the holder's rows are settled. */
export function unwatchUnstored(holder: RowHolder): void {
  if (holders.delete(holder) && holders.size === 0) process.off('exit', warn)
}

/** Written at once: nothing asynchronous runs any more, and that includes process warnings. */
function warn(): void {
  let rows = 0
  for (const holder of holders) rows += holder.rows
  if (rows === 0) return
  try {
    writeSync(
      process.stderr.fd,
      `(tracehold) Warning: the process ended before ${rows} rows were stored. Close the store first.\n`,
    )
  } catch {
    // Nobody reads stderr.
  }
}
