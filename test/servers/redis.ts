import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { inject } from 'vitest'

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
  if (!(await isInstalled())) await install()
  const port = await freePort()
  const directory = mkdtempSync(join(inject('servers').directory, 'redis-'))
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', directory]
  const server = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(server, 'exit')
  for await (const chunk of server.stdout) if (String(chunk).includes('Ready to accept connections')) break
  server.stdout.resume()
  return {
    url: `redis://127.0.0.1:${port}`,
    async stop() {
      server.kill()
      await exited
    },
  }
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

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('No port to listen on.')
  return address.port
}
