import { randomBytes } from 'node:crypto'
import { chown, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from './free-port.ts'
import { type PostgresPrograms, postgresPrograms } from './postgres-programs.ts'
import { openScratch, type Scratch } from './scratch.ts'

/**
 * A PostgreSQL server of the tests' own. It is running when `startPostgres` hands it out; `stop` and `kill` take it
 * down, `start` brings it back on the same port with the same data, `remove` ends it for good.
 */
export interface PostgresServer {
  /** Of the database `postgres`, as a superuser. */
  readonly url: string
  readonly port: number
  start(): Promise<void>
  /** Ends every connection and shuts down in order. */
  stop(): Promise<void>
  /** As a crash looks to clients and data: connections end at once, the next start recovers from the log. */
  kill(): Promise<void>
  /** Stops every process of it where it is: connections stay open, and nobody answers. */
  pause(): Promise<void>
  /** Lets them go on. */
  resume(): Promise<void>
  remove(): Promise<void>
}

const user = 'tracehold'
const portAttempts = 3

/**
 * Settings of every test server. It gives up durability for speed, as far as a killed server still keeps what it
 * committed, and it sorts and tells time unlike our code's assumptions, so that a test finds where one is made.
 */
const settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  fsync: 'off',
  full_page_writes: 'off',
  timezone: 'Asia/Kolkata',
}

/**
 * Starts a PostgreSQL on a free port with its data in `scratch`, or else in a directory of its own.
 *
 * @param overrides settings in place of those of a test server, or beside them
 */
export async function startPostgres(
  scratch?: Scratch,
  overrides: Readonly<Record<string, string>> = {},
): Promise<PostgresServer> {
  const home = scratch ?? (await openScratch())
  const data = join(home.path, 'postgres')
  const log = join(data, 'server.log')
  const password = randomBytes(12).toString('hex')
  try {
    const programs = await postgresPrograms(home.path)
    await createCluster(programs, data, password, { ...settings, ...overrides })

    const startOn = async (port: number) => {
      const args = ['start', '--wait', '--silent', '-D', data, '-l', log, '-o', `-p ${port}`]
      await programs.run('pg_ctl', args).catch(async (error: Error) => {
        throw new Error(`${error.message}\n${await readFile(log, 'utf8').catch(() => '')}`, { cause: error })
      })
    }
    const stop = (mode: 'fast' | 'immediate') =>
      programs.run('pg_ctl', ['stop', '--wait', '--silent', '-D', data, '-m', mode])

    const port = await startOnFreePort(startOn)
    return {
      url: `postgres://${user}:${password}@127.0.0.1:${port}/postgres`,
      port,
      start: () => startOn(port),
      stop: () => stop('fast'),
      kill: () => stop('immediate'),
      pause: () => signal(data, 'SIGSTOP'),
      resume: () => signal(data, 'SIGCONT'),
      remove: () => home.remove(),
    }
  } catch (error) {
    if (!scratch) await home.remove()
    throw error
  }
}

async function createCluster(
  programs: PostgresPrograms,
  data: string,
  password: string,
  parameters: Readonly<Record<string, string>>,
): Promise<void> {
  const passwordFile = `${data}.password`
  await mkdir(data)
  await writeFile(passwordFile, password, { mode: 0o600 })
  if (programs.user) {
    const { uid, gid } = programs.user
    await Promise.all([data, passwordFile].map((path) => chown(path, uid, gid)))
  }
  await programs.run('initdb', [
    ...['-D', data, `--username=${user}`, `--pwfile=${passwordFile}`, '--auth=scram-sha-256'],
    ...['--encoding=UTF8', '--locale=C', '--locale-provider=icu', '--icu-locale=en-US'],
    ...['--no-sync', '--no-instructions'],
    ...Object.entries(parameters).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ])
  await rm(passwordFile)
}

/** Another program may take a free port between our look and the server's start: then another port will do. */
async function startOnFreePort(startOn: (port: number) => Promise<void>): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort()
    try {
      await startOn(port)
      return port
    } catch (error) {
      if (attempt === portAttempts || !String(error).includes('could not bind')) throw error
    }
  }
}

/** Sends a signal to the server whose data these are, and to its children: those of Linux tell who they are. */
async function signal(data: string, name: 'SIGSTOP' | 'SIGCONT'): Promise<void> {
  const [pid = ''] = (await readFile(join(data, 'postmaster.pid'), 'utf8')).split('\n')
  // The parent first, so that it starts no further ones.
  process.kill(Number(pid), name)
  const children = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim()
  for (const child of children === '' ? [] : children.split(' ')) process.kill(Number(child), name)
}
