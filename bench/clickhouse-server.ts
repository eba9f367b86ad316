import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startClickHouseProcess } from '../test/servers/clickhouse-process.ts'

/** A ClickHouse of the benches, in a process of its own. */
export async function openBenchClickHouse(): Promise<{ readonly url: string; close(): Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'tracehold-bench-'))
  const { port, stop } = await startClickHouseProcess(directory)
  return {
    url: `clickhouse://127.0.0.1:${port}/tracehold`,
    async close() {
      await stop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}
