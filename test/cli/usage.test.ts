import { beforeAll, expect, it } from 'vitest'
import { type Backend, describeAnyBackend, describeBackends } from '../backends.ts'
import { runCommand } from './run-command.ts'
import { agentRun } from './sample-traces.ts'

/** The command on a database that has two runs of an agent, the second with errors. */
function commandOn(backend: Backend) {
  beforeAll(async () => {
    const input = [agentRun('t1', { minute: 1 }), agentRun('t2', { minute: 2, error: 'no seats' })].join('\n')
    expect(await runCommand(['import', '-', '--db', backend.url()], { input })).toMatchObject({ code: 0 })
  })
  const run = (...args: string[]) => runCommand([...args, '--db', backend.url()])
  return {
    usage: (...args: string[]) => run('usage', ...args),
    latency: (...args: string[]) => run('latency', ...args),
  }
}

const byModel = ['--by', 'provider,model', '--json']

describeBackends('what the command adds up', (backend) => {
  const { usage, latency } = commandOn(backend)

  it('is all usage, or that of names', async () => {
    expect((await usage('--json')).json()).toMatchObject([
      { spans: 6, errors: 2, inputTokens: 2400, outputTokens: 68, totalTokens: 2468, costUsd: 0 },
    ])
    const groups = (await usage(...byModel)).json<{ model: string | null }[]>()
    expect(groups.toSorted((a, b) => (a.model ? -1 : 1) - (b.model ? -1 : 1))).toMatchObject([
      { provider: 'openai', model: 'gpt-5', spans: 2, errors: 0, inputTokens: 2400, outputTokens: 68 },
      { provider: null, model: null, spans: 4, errors: 2, inputTokens: 0 },
    ])
  })

  it('is usage by time, with what is empty, beside the period before', async () => {
    const groups = await usage(
      ...['--bucket', 'minute', '--fill', '--compare', '--json'],
      ...['--since', '2026-11-20T10:02:00Z', '--until', '2026-11-20T10:04:00Z'],
    )
    expect(groups.json()).toMatchObject([
      { bucket: '2026-11-20T10:02:00.000000Z', spans: 3, previous: { spans: 0 } },
      { bucket: '2026-11-20T10:03:00.000000Z', spans: 0, previous: { spans: 3 } },
    ])
  })

  it('is how long spans took', async () => {
    expect((await latency('--by', 'kind', '--kind', 'llm', 'tool', '--json')).json()).toMatchObject([
      { kind: 'llm', count: 2, avg: 1500, p50: 1500, p99: 1500 },
      { kind: 'tool', count: 2, avg: 1000, max: 1000 },
    ])
  })
})

describeAnyBackend('tracehold usage, whichever the engine', (backend) => {
  const { usage } = commandOn(backend)

  it('takes names one by one', async () => {
    expect((await usage('--by', 'provider', '--by', 'model', '--json')).stdout).toBe((await usage(...byModel)).stdout)
  })

  it('filters', async () => {
    expect((await usage('--kind', 'tool', '--tool', 'search', '--json')).json()).toMatchObject([
      { spans: 2, errors: 1 },
    ])
    expect((await usage('--until', '2026-11-20T10:02:00Z', '--json')).json()).toMatchObject([{ spans: 3 }])
    expect((await usage('--model', 'none', '--json')).json()).toMatchObject([{ spans: 0, inputTokens: 0 }])
  })

  it('draws a table for people', async () => {
    const { stdout } = await usage('--by', 'kind', '--kind', 'llm')
    expect(stdout).toBe('kind  spans  errors  tokens in  out  total\nllm       2       0      2,400   68  2,468\n')
    expect(await usage('--model', 'none')).toMatchObject({ code: 0, stdout: '', stderr: 'No spans found.\n' })
    const byTime = await usage('--bucket', 'minute', '--kind', 'llm')
    expect(byTime.stdout.split('\n').slice(0, 2)).toEqual([
      'from (UTC)        spans  errors  tokens in  out  total',
      '2026-11-20 10:01      1       0      1,200   34  1,234',
    ])
  })

  it('refuses a name that is none, and says which there are', async () => {
    const { code, stderr } = await usage('--by', 'colour')
    expect(code).toBe(2)
    expect(stderr).toMatch(/^tracehold: .*'colour' is invalid.*kind.*model.*\n.*tracehold usage --help\n$/)
  })

  it('compares with the period before one that has a beginning', async () => {
    expect(await usage('--compare')).toMatchObject({ code: 2, stderr: expect.stringMatching(/compare needs since/) })
  })
})

describeAnyBackend('tracehold latency, whichever the engine', (backend) => {
  const { latency } = commandOn(backend)

  it('draws a table for people', async () => {
    expect((await latency('--by', 'kind')).stdout.split('\n').slice(0, 2)).toEqual([
      'kind   spans     avg     min     p50     p90     p95     p99     max',
      'agent      2  4.00 s  4.00 s  4.00 s  4.00 s  4.00 s  4.00 s  4.00 s',
    ])
    expect(await latency('--kind', 'mcp')).toMatchObject({ code: 0, stderr: 'No spans with a duration found.\n' })
  })
})
