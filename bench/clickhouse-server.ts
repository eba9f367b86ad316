import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/** ClickHouse's engine in a process of its own, behind HTTP. */
export async function startClickHouse(): Promise<{ readonly url: string; close(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'tracehold-bench-'))
  const child = fork(resolve('test/servers/clickhouse-server.mjs'), [path], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    // As ClickHouse takes them; Node takes 16 kB.
    execArgv: ['--max-http-header-size=1048576'],
  })
  const [{ port }] = (await once(child, 'message')) as [{ port: number }]
  const close = async () => {
    child.disconnect()
    await once(child, 'exit')
    await rm(path, { recursive: true, force: true })
  }
  return { url: `clickhouse://127.0.0.1:${port}/tracehold`, close }
}
