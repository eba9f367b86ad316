import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { type NewSpan, openStore, type Store } from '../../src/index.ts'
import { describeBackends, itExceptOn } from '../backends.ts'
import { openRedisServer } from '../servers/redis.ts'
import { type CommandResult, runCommand } from './run-command.ts'

const span = (traceId: string, spanId: string, more: Partial<NewSpan> = {}): NewSpan => ({
  traceId,
  spanId,
  name: `span ${spanId}`,
  startTime: `2026-11-20T10:00:0${spanId.length}Z`,
  ...more,
})

/** A tail that runs until it is stopped. */
class Tail {
  readonly #stop = new AbortController()
  readonly #ended: Promise<CommandResult>
  #output = ''

  constructor(args: readonly string[], env: Record<string, string> = {}) {
    const onOutput = (text: string) => {
      this.#output += text
    }
    this.#ended = runCommand(['tail', ...args], { env, signal: this.#stop.signal, onOutput })
  }

  get lines(): string[] {
    return this.#output.split('\n').slice(0, -1)
  }

  /** Ends it, and answers with its exit code. */
  async stop(): Promise<number | null> {
    this.#stop.abort()
    return (await this.#ended).code
  }
}

describeBackends('tracehold tail', (backend) => {
  let store: Store
  let here: Store
  let project = 0

  beforeAll(async () => {
    store = await openStore(backend.url(), { migrate: true, live: true })
  })
  afterAll(() => store.close())
  beforeEach(async () => {
    project += 1
    here = store.forProject(`p${project}`)
    await here.writers.spans.write([
      span('t1', 'a', { kind: 'llm', model: 'gpt-4o', inputTokens: 10, outputTokens: 2 }),
      span('t2', 'bb', { status: 'error', serviceName: 'shop\u001b[2J' }),
    ])
    await here.writers.logs.write({ logId: 'l', body: 'a log', time: '2026-11-20T10:00:01.5Z', severity: 17 })
  })

  const args = (...more: string[]) => ['--db', backend.url(), '--project', here.projectId, ...more]
  const run = (...more: string[]) => runCommand(['tail', ...args(...more)])

  it('shows the last records, plain in a pipe', async () => {
    const { stdout, code } = await run('--once')
    expect(code).toBe(0)
    expect(stdout).toBe(
      [
        '2026-11-20 10:00:01.000 +00:00  t1        llm       unset    span a  gpt-4o  10 → 2 tokens\n',
        '2026-11-20 10:00:02.000 +00:00  t2        other     error    span bb\n',
      ].join(''),
    )
    expect((await run('--once', '-n', '1')).stdout).toMatch(/^.* span bb\n$/)
    expect((await run('--once', '-n', '0')).stdout).toBe('')
  })

  it('shows several tables in the order of time, as text or as JSON', async () => {
    const { stdout } = await run('spans', 'logs', 'traces', '--once')
    expect(stdout.split('\n').map((line) => /span a|a log|span bb|1 span/.exec(line)?.[0])).toEqual(
      expect.arrayContaining(['span a', 'a log', 'span bb']),
    )
    expect(stdout.indexOf('span a')).toBeLessThan(stdout.indexOf('a log'))
    expect(stdout.indexOf('a log')).toBeLessThan(stdout.lastIndexOf('t2'))
    const lines = (await run('spans', 'logs', '--once', '--json')).stdout.trim().split('\n')
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { table: 'spans', spanId: 'a' },
      { table: 'logs', logId: 'l' },
      { table: 'spans', spanId: 'bb' },
    ])
  })

  it('filters, and begins at a time', async () => {
    expect((await run('--once', '--errors')).stdout).toMatch(/^.*span bb\n$/)
    expect((await run('--once', '--trace', 't1')).stdout).toMatch(/^.*span a.*\n$/)
    expect((await run('logs', '--once', '--errors')).stdout).toMatch(/a log/)
    expect((await run('--once', '--since', '2026-11-20T10:00:02Z')).stdout).toMatch(/^.*span bb\n$/)
    const wrong = await run('logs', '--agent', 'x')
    expect(wrong).toMatchObject({ code: 2, stdout: '' })
    expect(wrong.stderr).toContain('logs have no filter --agent')
    expect(await run('users')).toMatchObject({ code: 2 })
  })

  it('goes on with what others write, each once, until it is stopped', async () => {
    const tail = new Tail(args('spans', 'logs', '--json'))
    await expect.poll(() => tail.lines, { timeout: 10_000 }).toHaveLength(3)
    for (let n = 0; n < 5; n += 1) {
      await here.writers.spans.write(span('t3', `${n}`))
      await here.writers.logs.write({ logId: `${n}`, body: 'more' })
    }
    await expect.poll(() => tail.lines, { timeout: 10_000 }).toHaveLength(13)
    const ids = tail.lines
      .map((line) => JSON.parse(line))
      .map(({ table, spanId, logId }) => `${table} ${spanId ?? logId}`)
    expect(new Set(ids).size).toBe(13)
    expect(await tail.stop()).toBe(0)
  })

  itExceptOn(backend, {
    backend: 'clickhouse',
    because: 'two hundred writes of one row take it too long, and what is shown here is the doing of Redis',
  })(
    'shows all records of a writer once while its Redis is killed and started again',
    async () => {
      const redis = await openRedisServer()
      const writer = (await openStore(backend.url(), { redis: { url: redis.url, timeoutMs: 500 } })).forProject(
        here.projectId,
      )
      const tail = new Tail(args('-n', '0', '--json'), { REDIS_URL: redis.url })
      // It has begun when it shows something.
      for (let n = 0; tail.lines.length === 0; n += 1) await writer.writers.spans.write(span('begin', `${n}`))
      for (let n = 0; n < 200; n += 1) {
        if (n === 70) await redis.stop('SIGKILL')
        if (n === 130) await redis.start()
        await writer.writers.spans.write(span('counted', `${n}`))
      }
      const counted = () => tail.lines.map((line) => JSON.parse(line)).filter(({ traceId }) => traceId === 'counted')
      await expect.poll(counted, { timeout: 10_000 }).toHaveLength(200)
      expect(new Set(counted().map(({ spanId }) => spanId)).size).toBe(200)
      expect(await tail.stop()).toBe(0)
      await writer.close()
      await redis.stop()
    },
    60_000,
  )
})
