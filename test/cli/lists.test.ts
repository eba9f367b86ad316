import { beforeAll, expect, it } from 'vitest'
import { type Backend, describeAnyBackend, describeBackends } from '../backends.ts'
import { runCommand } from './run-command.ts'
import { agentRun, otlpLine } from './sample-traces.ts'

interface Listed<T> {
  items: T[]
  cursor: string | null
}

const chat = (traceId: string, minute: number, tokens: number) =>
  otlpLine(
    traceId,
    [
      {
        spanId: 'd4',
        name: 'chat',
        from: 0,
        to: 100 * minute,
        attributes: {
          'gen_ai.operation.name': 'chat',
          'gen_ai.conversation.id': 'c1',
          'gen_ai.request.model': `m${minute}`,
          'gen_ai.usage.input_tokens': tokens,
          'http.status_code': 500,
        },
      },
    ],
    minute,
  )

const documents = [
  agentRun('aaaa0000000000000000000000000001', { minute: 1 }),
  agentRun('bbbb0000000000000000000000000002', { minute: 2, agent: 'booking', error: 'no seats left' }),
  chat('cccc0000000000000000000000000003', 3, 7),
  chat('dddd0000000000000000000000000004', 4, 9),
]

/** The command on a database that has the documents. */
function commandOn(backend: Backend) {
  beforeAll(async () => {
    const input = documents.join('\n')
    expect(await runCommand(['import', '-', '--db', backend.url()], { input })).toMatchObject({ code: 0 })
  })
  const run = (...args: string[]) => runCommand([...args, '--db', backend.url()])
  return {
    run,
    tracesOf: async (...args: string[]) =>
      (await run('traces', 'list', '--json', ...args))
        .json<Listed<{ traceId: string }>>()
        .items.map(({ traceId }) => traceId.slice(-1)),
    spansOf: async (...args: string[]) =>
      (await run('spans', 'list', '--json', ...args))
        .json<Listed<{ traceId: string; spanId: string }>>()
        .items.map(({ traceId, spanId }) => `${traceId.slice(-1)}${spanId}`),
  }
}

describeBackends('lists of the command', (backend) => {
  const { run, tracesOf, spansOf } = commandOn(backend)

  it('of traces and of spans are filtered, ordered and counted', async () => {
    expect(await tracesOf('--attribute', 'http.status_code>=500', '--order', 'duration', '--ascending')).toEqual([
      '3',
      '4',
    ])
    expect(await spansOf('--parent-span', '')).toEqual(['4d4', '3d4', '2a1', '1a1'])
    expect((await run('spans', 'list', '--count', '--kind', 'llm', '--json')).json()).toEqual({ count: 4 })
  })

  it('take ids in any case, and by their beginning', async () => {
    expect(await tracesOf('--trace', 'CCCC0000')).toEqual(['3'])
    expect(await tracesOf('--trace', 'aaaa', 'DDDD0000000000000000000000000004')).toEqual(['4', '1'])
    expect(await spansOf('--trace', 'BBBB0000', '--span', 'A1')).toEqual(['2a1'])
    expect(await tracesOf('--session', 'C')).toEqual([])
    const shown = await run('traces', 'show', 'CCCC0000', '--json')
    expect(shown.json<{ traceId: string }>().traceId).toBe('cccc0000000000000000000000000003')
    const followed = (await run('tail', 'spans', '--once', '--json', '--trace', 'DDDD')).stdout.trim().split('\n')
    expect(followed.map((line) => JSON.parse(line).spanId)).toEqual(['d4'])
  })

  it('of sessions sum up their traces', async () => {
    const { items } = (await run('sessions', 'list', '--json')).json<Listed<object>>()
    expect(items).toMatchObject([{ sessionId: 'c1', traces: 2, spans: 2, inputTokens: 16 }])
  })

  it('can be followed: the last ones first', async () => {
    const lines = (await run('traces', 'tail', '--once', '-n', '3', '--json')).stdout.trim().split('\n')
    expect(lines.map((line) => JSON.parse(line).traceId.slice(-1))).toEqual(['2', '3', '4'])
  })

  it('an export takes the same filters', async () => {
    const { stdout } = await run('export', '--max-spans', '1', '--min-input-tokens', '9')
    expect(stdout).toContain('dddd0000000000000000000000000004')
    expect(stdout).not.toContain('cccc0000000000000000000000000003')
  })
})

describeAnyBackend('lists of the command, whichever the engine', (backend) => {
  const { run, tracesOf, spansOf } = commandOn(backend)

  it('of traces take every filter and order', async () => {
    expect(await tracesOf('--tool', 'search', '--has-error')).toEqual(['2'])
    expect(await tracesOf('--attribute', 'http.status_code>=500')).toEqual(['4', '3'])
    expect(await tracesOf('--min-duration', '350ms', '--max-duration', '2s')).toEqual(['4'])
    expect(await tracesOf('--order', 'duration', '--ascending')).toEqual(['3', '4', '1', '2'])
    expect(await tracesOf('--limit', '1', '--offset', '1')).toEqual(['3'])
    expect(await tracesOf('--name', '~invoke', '--without-error')).toEqual(['1'])
    expect(await tracesOf('--filter', '{"or":[{"spanCount":1},{"hasError":true}]}')).toEqual(['4', '3', '2'])
  })

  it('of spans take them as well', async () => {
    expect(await spansOf('--kind', 'tool')).toEqual(['2c3', '1c3'])
    expect(await spansOf('--max-spans', '1', '--model', 'm3')).toEqual(['3d4'])
    expect(await spansOf('--order', 'tokens', '--limit', '2')).toEqual(['2b2', '1b2'])
    const { stdout, stderr } = await run('spans', 'list', '--kind', 'llm', '--limit', '2')
    expect(stdout.split('\n').map((line) => line.replace(/^(2026-)?11-20/, '11-20'))).toEqual([
      expect.stringMatching(/^started +trace +span +name +kind +model +status +duration +tokens$/),
      '11-20 10:04  dddd0000  d4    chat  llm   m4     ok        400 ms   9 → 0',
      '11-20 10:03  cccc0000  d4    chat  llm   m3     ok        300 ms   7 → 0',
      '',
    ])
    expect(stderr).toMatch(/More: add --after \S+/)
  })

  it('can be counted', async () => {
    expect(await run('traces', 'list', '--count')).toMatchObject({ stdout: '4\n', stderr: '' })
  })

  it('of sessions are a table', async () => {
    const { stdout } = await run('sessions', 'list')
    expect(stdout.replace(/^(2026-)?11-20/m, '11-20').split('\n')).toEqual([
      expect.stringMatching(/^last +session +traces +spans +✗ +duration +tokens$/),
      '11-20 10:04  c1            2      2       700 ms  16 → 0',
      '',
    ])
    expect(await run('sessions', 'list', '--user', 'nobody')).toMatchObject({ stderr: 'No sessions found.\n' })
  })

  it('can be followed in words', async () => {
    const { stdout } = await run('traces', 'tail', '--once', '-n', '2', '--min-spans', '3')
    expect(stdout.split('\n')).toEqual([
      '2026-11-20 10:01:00.000 +00:00  aaaa0000  ok       invoke_agent support  4.00 s  3 spans  1,200 → 34 tokens',
      '2026-11-20 10:02:00.000 +00:00  bbbb0000  error    invoke_agent booking  4.00 s  3 spans  2 errors  1,200 → 34 tokens',
      '',
    ])
  })

  it('say which option is wrong', async () => {
    for (const [args, words] of [
      [['--filter', '{"nam":1}'], /nam is not a field/],
      [['--offset', 'x'], /--offset.*whole number/],
      [['--order', 'name'], /--order.*Allowed choices/],
      [['--limit', '2000'], /limit must be an integer from 1 to 1000/],
    ] as const) {
      const { code, stdout, stderr } = await run('traces', 'list', ...args)
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
      expect(stderr).toMatch(words)
    }
  })
})
