import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { inject } from 'vitest'
import { freePort } from './free-port.ts'

/** A Redis for one suite. */
export interface TestRedis {
  readonly url: string
  stop(): Promise<void>
}

const run = promisify(execFile)

/**
 * The Redis of `TEST_REDIS_URL`, else one that is started for the suite: `redis-server` on the PATH, or installed with
 * apt where the tests run as root on Debian.
 */
export async function startRedis(): Promise<TestRedis> {
  const given = process.env.TEST_REDIS_URL
  if (given) return { url: given, stop: async () => {} }
  return openRedisServer()
}

/** A Redis of our own, which a test may stop, restart and configure. */
export interface RedisServer extends TestRedis {
  /** Ends it; with SIGKILL as a crash does. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>
  /** Starts it again at the same port, with the data that it saved, if any. */
  start(): Promise<void>
}

/** Starts a Redis, whatever the environment names; `args` are options of `redis-server`. */
export async function openRedisServer(args: readonly string[] = []): Promise<RedisServer> {
  if (!(await isInstalled())) await install()
  const port = await freePort()
  const directory = mkdtempSync(join(inject('servers').directory, 'redis-'))
  const usual = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', directory]
  let running: { server: ChildProcess; exited: Promise<unknown> } | undefined
  const redis: RedisServer = {
    url: `redis://127.0.0.1:${port}`,
    async start() {
      const server = spawn('redis-server', [...usual, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
      // A test that fails may not come to stop it.
      const kill = () => server.kill('SIGKILL')
      process.once('exit', kill)
      running = { server, exited: once(server, 'exit').finally(() => process.off('exit', kill)) }
      for await (const chunk of server.stdout) if (String(chunk).includes('Ready to accept connections')) break
      server.stdout.resume()
    },
    async stop(signal) {
      running?.server.kill(signal)
      await running?.exited
      running = undefined
    },
  }
  await redis.start()
  return redis
}

const isInstalled = () =>
  run('redis-server', ['--version']).then(
    () => true,
    () => false,
  )

async function install(): Promise<void> {
  if (process.getuid?.() === 0 && existsSync('/etc/debian_version')) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }
    const apt = (...args: string[]) => run('apt-get', args, { env, maxBuffer: 64 * 1024 * 1024 })
    await apt('install', '-y', '--no-install-recommends', 'redis-server').catch(async () => {
      await apt('update')
      await apt('install', '-y', '--no-install-recommends', 'redis-server')
    })
    if (await isInstalled()) return
  }
  throw new Error(
    'The tests need Redis. Install redis-server (Debian: apt install redis-server), or start one and set ' +
      'TEST_REDIS_URL=redis://host:port.',
  )
}
