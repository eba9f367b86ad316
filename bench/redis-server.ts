import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../test/servers/free-port.ts'

/** A Redis of the benches. */
export interface BenchRedis {
  readonly url: string
  close(): Promise<void>
}

/** The Redis that the environment names, else one that is started: `redis-server` has to be installed. */
export async function openBenchRedis(): Promise<BenchRedis> {
  const given = process.env.BENCH_REDIS_URL || process.env.TEST_REDIS_URL
  if (given) return { url: given, close: async () => {} }
  const port = await freePort()
  const directory = await mkdtemp(join(tmpdir(), 'tracehold-bench-redis-'))
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', directory]
  const server = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'inherit'] })
  await Promise.race([
    once(server, 'error').then(() => {
      throw new Error('The bench needs redis-server (Debian: apt install redis-server), or BENCH_REDIS_URL.')
    }),
    new Promise<void>((resolve) => {
      server.stdout.on('data', (chunk) => {
        if (String(chunk).includes('Ready to accept connections')) resolve()
      })
    }),
  ])
  return {
    url: `redis://127.0.0.1:${port}`,
    async close() {
      server.kill()
      await once(server, 'exit')
      await rm(directory, { recursive: true })
    },
  }
}
