import { beforeAll, expect, it } from 'vitest'
import type { Trace, TraceSummary } from '../../src/repositories/trace-rows.ts'
import { type Backend, describeAnyBackend, describeBackends } from '../backends.ts'
import { runCommand } from './run-command.ts'
import { agentRun } from './sample-traces.ts'

interface Listed {
  items: TraceSummary[]
  cursor: string | null
}

const traces = [
  agentRun('aaaa0000000000000000000000000001', { minute: 1 }),
  agentRun('aaaa0000000000000000000000000002', { minute: 2, agent: 'booking' }),
  agentRun('bbbb0000000000000000000000000003', { minute: 3, agent: 'booking', error: 'no seats left' }),
]

/** `tracehold traces` on a database that has the traces. */
function commandOn(backend: Backend) {
  beforeAll(async () => {
    const { code } = await runCommand(['import', '-', '--db', backend.url()], { input: traces.join('\n') })
    expect(code).toBe(0)
  })
  return (...args: string[]) => runCommand(['traces', ...args, '--db', backend.url()])
}

const noTrace = (id: string) => ({
  code: 1,
  stdout: '',
  stderr: `tracehold: There is no trace '${id}' in project 'default'.\nSee what there is: tracehold traces list\n`,
})

describeBackends('tracehold traces', (backend) => {
  const run = commandOn(backend)

  it('lists the newest first, page by page', async () => {
    const first = (await run('list', '--limit', '2', '--json')).json<Listed>()
    expect(first.items.map(({ traceId }) => traceId.slice(-1))).toEqual(['3', '2'])
    expect(first.items[0]).toMatchObject({
      name: 'invoke_agent booking',
      status: 'error',
      startTime: '2026-11-20T10:03:00.000000Z',
      spanCount: 3,
      errorCount: 2,
      inputTokens: 1200,
    })
    const second = (await run('list', '--limit', '2', '--json', '--after', String(first.cursor))).json<Listed>()
    expect(second).toMatchObject({ items: [{ traceId: traces[0] && expect.stringMatching(/1$/) }], cursor: null })
  })

  it('shows a trace as JSON, times as they are stored', async () => {
    const trace = (await run('show', 'aaaa0000000000000000000000000001', '--json')).json<Trace>()
    expect(trace).toMatchObject({
      traceId: 'aaaa0000000000000000000000000001',
      startTime: '2026-11-20T10:01:00.000000Z',
    })
    expect(trace.spans.map(({ spanId }) => spanId)).toEqual(['a1', 'b2', 'c3'])
    expect(trace.spans[1]?.events).toMatchObject([{ name: 'first token' }])
  })

  it('explains an id that stands for several traces, or for none', async () => {
    expect(await run('show', 'aaaa')).toMatchObject({
      code: 1,
      stdout: '',
      stderr:
        "tracehold: Several traces begin with 'aaaa': aaaa0000000000000000000000000001, " +
        'aaaa0000000000000000000000000002\nGive more of its characters.\n',
    })
    expect(await run('show', '%', '--json')).toMatchObject(noTrace('%'))
  })
})

describeAnyBackend('tracehold traces, whichever the engine', (backend) => {
  const run = commandOn(backend)
  const idsOf = async (...args: string[]) =>
    (await run('list', '--json', ...args)).json<Listed>().items.map(({ traceId }) => traceId.slice(-1))

  it('filters', async () => {
    expect(await idsOf('--agent', 'booking')).toEqual(['3', '2'])
    expect(await idsOf('--agent', 'booking', 'support')).toEqual(['3', '2', '1'])
    expect(await idsOf('--status', 'error')).toEqual(['3'])
    expect(await idsOf('--name', 'invoke_agent support')).toEqual(['1'])
    expect(await idsOf('--model', 'gpt-5', '--service', 'shop', '--provider', 'openai')).toEqual(['3', '2', '1'])
    expect(await idsOf('--session', 'nobody')).toEqual([])
    expect(await idsOf('--since', '2026-11-20T10:02:00Z', '--until', '2026-11-20T10:03:00Z')).toEqual(['2'])
  })

  it('draws a table for people', async () => {
    const { stdout, stderr } = await run('list', '--limit', '2')
    expect(stdout.split('\n').map((line) => line.replace(/^(2026-)?11-20/, '11-20'))).toEqual([
      expect.stringMatching(/^started +trace +name +status +duration +spans +✗ +tokens$/),
      '11-20 10:03  bbbb0000  invoke_agent booking  error     4.00 s      3  2  1,200 → 34',
      '11-20 10:02  aaaa0000  invoke_agent booking  ok        4.00 s      3     1,200 → 34',
      '',
    ])
    expect(stderr).toMatch(/More: add --after \S+/)
  })

  it('says on standard error that nothing was found', async () => {
    expect(await run('list', '--agent', 'nobody')).toMatchObject({ code: 0, stdout: '', stderr: 'No traces found.\n' })
  })

  it('shows a trace, by its id or the beginning of it', async () => {
    const { code, stdout } = await run('show', 'bbbb')
    expect(code).toBe(0)
    expect(stdout.split('\n')).toEqual([
      'invoke_agent booking  error',
      'trace     bbbb0000000000000000000000000003',
      'started   2026-11-20 10:03:00.000 +00:00',
      'duration  4.00 s',
      'agent     booking',
      'model     gpt-5 (openai)',
      'spans     3 · 1 model call · 1 tool call · 2 errors',
      'tokens    1,200 in · 34 out · 1,234 total',
      'service   shop',
      '',
      'span                     0                          4.00 s  duration      tokens',
      '✗ invoke_agent booking   ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━    4.00 s',
      '  no seats left',
      '├ chat gpt-5             ━━━━━━━━━━━━╸                        1.50 s  1,200 → 34',
      '└ ✗ execute_tool search                  ╺━━━━━━━━            1.00 s',
      '    no seats left',
      '',
    ])
  })

  it('explains an id that stands for none', async () => {
    for (const id of ['cccc', '']) expect(await run('show', id, '--json')).toMatchObject(noTrace(id))
    expect(await run('show', 'bbbb', '--project', 'other')).toMatchObject({ code: 1 })
  })
})
