import { fork } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'

/**
 * Starts ClickHouse's engine in a process of its own, behind HTTP.
 *
 * @param directory where its data are; the caller removes it after `stop`
 * @param password what the user `default` must give. @default none
 */
export async function startClickHouseProcess(
  directory: string,
  password = '',
): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const child = fork(resolve('test/servers/clickhouse-server.mjs'), [directory, password], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    // ClickHouse takes URLs of one MiB; Node takes 16 kB.
    execArgv: ['--max-http-header-size=1048576'],
  })
  const exited = once(child, 'exit')
  const [{ port }] = (await Promise.race([
    once(child, 'message'),
    exited.then(() => {
      throw new Error('The ClickHouse server of the tests did not start.')
    }),
  ])) as [{ port: number }]
  return {
    port,
    async stop() {
      child.disconnect()
      await exited
    },
  }
}
