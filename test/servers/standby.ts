import { appendFile, chown, cp, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from './free-port.ts'
import type { PostgresServer } from './postgres.ts'
import { postgresPrograms } from './postgres-programs.ts'
import type { Scratch } from './scratch.ts'

/**
 * Starts a streaming replica of a server whose data are in `scratch`; it goes away with the scratch directory.
 *
 * @param delayMs how far it stays behind
 * @returns its URL
 */
export async function startStandby(primary: PostgresServer, scratch: Scratch, delayMs: number): Promise<string> {
  const programs = await postgresPrograms(scratch.path)
  const data = join(scratch.path, 'standby')
  const port = await freePort()
  // A copy of a server that is shut down is a base backup.
  await primary.stop()
  await cp(join(scratch.path, 'postgres'), data, { recursive: true, preserveTimestamps: true })
  await primary.start()
  await writeFile(join(data, 'standby.signal'), '')
  const settings = { primary_conninfo: primary.url, recovery_min_apply_delay: `${delayMs}ms`, hot_standby: 'on' }
  const lines = Object.entries(settings).map(([name, value]) => `${name} = '${value}'\n`)
  await appendFile(join(data, 'postgresql.auto.conf'), lines.join(''))
  if (programs.user) {
    const { uid, gid } = programs.user
    for (const name of ['', ...(await readdir(data, { recursive: true }))]) await chown(join(data, name), uid, gid)
  }
  await programs.run('pg_ctl', [
    'start',
    '--wait',
    '--silent',
    '-D',
    data,
    '-l',
    join(data, 'server.log'),
    '-o',
    `-p ${port}`,
  ])
  const url = new URL(primary.url)
  url.port = String(port)
  return url.href
}
