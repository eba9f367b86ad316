import { beforeAll, expect, it } from 'vitest'
import { type Backend, describeAnyBackend, describeBackends } from '../backends.ts'
import { runCommand } from './run-command.ts'

const text = (stringValue: string) => ({ stringValue })

const results = ['passed', 'failed', 'failed', 'passed'].map((status, i) => ({
  result_id: `r${i}`,
  test_name: `test-${i % 2}`,
  status,
  score: status === 'passed' ? 1 : 0,
  duration_ms: 100,
  trace: null,
  eval_results: [],
  assertion_results: [],
  error_message: null,
  created_at: `2026-11-20T10:0${i}:00.000000Z`,
}))

const nanos = (second: number) => `${1_795_082_400 + second}000001000`

const logs = {
  resourceLogs: [
    {
      resource: { attributes: [{ key: 'service.name', value: text('payments') }] },
      scopeLogs: [
        {
          logRecords: [
            { timeUnixNano: nanos(0), severityNumber: 9, body: text('card accepted') },
            { timeUnixNano: nanos(1), severityNumber: 17, body: text('card declined \u001b[2J') },
          ],
        },
      ],
    },
  ],
}

const metrics = {
  resourceMetrics: [
    {
      scopeMetrics: [
        {
          metrics: [
            {
              name: 'queue.length',
              unit: '{job}',
              gauge: { dataPoints: [2, 4].map((asInt, i) => ({ asInt, timeUnixNano: nanos(i * 60) })) },
            },
            {
              name: 'requests',
              sum: {
                aggregationTemporality: 1,
                isMonotonic: true,
                dataPoints: [1, 2, 4].map((asInt) => ({
                  asInt,
                  timeUnixNano: nanos(asInt),
                  attributes: [{ key: 'http.route', value: text(asInt < 3 ? '/a' : '/b') }],
                })),
              },
            },
            {
              name: 'wait',
              histogram: {
                aggregationTemporality: 1,
                dataPoints: [
                  { timeUnixNano: nanos(0), count: 2, bucketCounts: [1, 1], explicitBounds: [10], max: 20, sum: 20 },
                ],
              },
            },
          ],
        },
      ],
    },
  ],
}

/** The command on a database that has the records. */
function commandOn(backend: Backend) {
  beforeAll(async () => {
    const input = [...results, logs, metrics].map((document) => JSON.stringify(document)).join('\n')
    const { json } = await runCommand(['import', '-', '--json', '--db', backend.url()], { input })
    expect(json()).toMatchObject({ traces: 0, results: 4, logs: 2, metrics: 3, points: 6, rejected: 0 })
  })
  return (...args: string[]) => runCommand(['--db', backend.url(), ...args])
}

describeBackends('the command', (backend) => {
  const run = commandOn(backend)

  it('lists results with their pass rate', async () => {
    const { json } = await run('results', 'list', '--failing', '--json')
    expect(json()).toMatchObject({
      items: [{ resultId: 'r2' }, { resultId: 'r1' }],
      cursor: null,
      statistics: { failed: 2 },
    })
  })

  it('compares two runs', async () => {
    const { json } = await run('results', 'compare', '0', '1', '--by', 'attempt', '--json')
    expect(json()).toMatchObject({ newlyFailing: [{ name: 'test-0' }], newlyPassing: [{ name: 'test-1' }] })
    expect((await run('results', 'compare', '0', '1', '--by', 'trace.trial')).code).toBe(0)
  })

  it('lists metrics and shows one', async () => {
    const listed = await run('metrics', 'list', 'queue.*')
    expect(listed.stdout).toMatch(/^name +type +unit .*\nqueue\.length +gauge +\{job\} .*\n$/)
    expect((await run('metrics', 'show', 'wait')).stdout).toMatch(/p50 10 .* max 20/)
    const { json } = await run('metrics', 'show', 'queue.length', '--bucket', 'hour', '--json')
    expect(json()).toMatchObject({ bucket: 'hour', aggregate: { mean: 3 }, histogram: null, series: [{ count: 2 }] })
    // A filter that reaches far beyond the points makes no bars of nothing.
    const since = ['--since', '2020-01-01', '--until', '2040-01-01']
    const far = await run('metrics', 'show', 'queue.length', '--bucket', 'minute', ...since, '--json')
    const { series } = far.json<{ series: { count: number }[] }>()
    expect(series.reduce((sum, { count }) => sum + count, 0)).toBe(2)
    expect(series.length).toBeLessThan(60)
  })

  it('shows a metric by an attribute', async () => {
    const { stdout } = await run('metrics', 'show', 'requests', '--by', 'http.route')
    expect(stdout).toMatch(/http\.route +from \(UTC\).*\n\/a .* 3 .*\n\/b .* 4 /)
    const { json } = await run('metrics', 'show', 'requests', '--by', 'http.route', '--json')
    expect(json()).toMatchObject({ series: [{ 'attributes.http.route': '/a', sum: 3 }, { sum: 4 }] })
  })

  it('searches logs, and shows the last ones', async () => {
    expect((await run('logs', 'search', '--json', '--', 'card', '-declined')).json()).toMatchObject({
      items: [{ body: 'card accepted', severity: 9 }],
    })
    expect((await run('logs', 'tail', '--once', '-n', '1', '--json')).json()).toMatchObject({ severity: 17 })
  })
})

describeAnyBackend('the command, whichever the engine', (backend) => {
  const run = commandOn(backend)

  it('shows results in words', async () => {
    const { stdout } = await run('results', 'list', '--name', 'test-0')
    expect(stdout).toMatch(/^time .*name +status +score/)
    expect(stdout).toContain('2 results: 1 passed, 1 failed, pass rate 0.50, average score 0.50')
    expect(await run('results', 'list', '--suite', 'none')).toMatchObject({ code: 0, stderr: 'No results found.\n' })
  })

  it('orders, counts and combines filters of records', async () => {
    const ids = async (...args: string[]) => {
      const { items } = (await run(...args, '--json')).json<{
        items: { resultId?: string; name?: string; body?: string }[]
      }>()
      return items.map(({ resultId, name, body }) => body ?? resultId ?? name)
    }
    expect(await ids('results', 'list', '--order', 'score', '--ascending', '--limit', '2')).toEqual(['r1', 'r2'])
    expect(await ids('results', 'list', '--filter', '{"not":{"status":"failed"}}', '--offset', '1')).toEqual(['r0'])
    expect((await run('results', 'list', '--failing', '--count')).stdout).toBe('2\n')
    expect(await ids('logs', 'search', 'card', '--ascending', '--limit', '1')).toEqual(['card accepted'])
    expect((await run('logs', 'search', '--level', 'warn', '--count', '--json')).json()).toEqual({ count: 1 })
    expect(
      await ids('metrics', 'list', '--filter', '{"or":[{"name":"wait"},{"unit":"{job}"}]}', '--descending'),
    ).toEqual(['wait', 'queue.length'])
    const points = await run('metrics', 'points', 'queue.length', '--min-value', '3')
    expect(points.stdout).toMatch(/^time +metric +type .*\n.* queue\.length +gauge +– +4 +– +–\n$/)
    expect((await run('metrics', 'points', '--count')).stdout).toBe('6\n')
  })

  it('shows a comparison in words', async () => {
    const { stdout } = await run('results', 'compare', '0', '1', '--by', 'attempt')
    expect(stdout).toBe(
      [
        '0: 2 tests, 1 passed, 1 failed, pass rate 0.50',
        '1: 2 tests, 1 passed, 1 failed, pass rate 0.50',
        '\nnewly failing (1)',
        '  test-0  passed → failed',
        '\nnewly passing (1)',
        '  test-1  failed → passed',
        '\n0 tests unchanged\n',
      ].join('\n'),
    )
    expect((await run('results', 'compare', 'v1', 'v2')).stderr).toMatch(/No results found in either run/)
    expect(await run('results', 'compare', 'a', 'b', '--by', 'colour')).toMatchObject({ code: 2 })
  })

  it('draws a metric', async () => {
    const shown = await run('metrics', 'show', 'queue.length')
    expect(shown.stdout).toMatch(/^queue\.length {2}gauge, in \{job\}\ncount 2 {2}mean 3 {2}median 3 /)
    expect(shown.stdout).toMatch(/ 1 +2 +2 +2 +█{15}\n.* 1 +4 +4 +4 +█{30}\n$/)
    const missing = await run('metrics', 'show', 'nothing')
    expect(missing).toMatchObject({ code: 1, stdout: '' })
    expect(missing.stderr).toMatch(/There is no metric nothing/)
  })

  it('shows logs in words', async () => {
    const found = await run('logs', 'search', 'card', '--level', 'error')
    expect(found.stdout).toMatch(/error {2}payments {2}card declined {2}\[2J\n$/)
    expect(found.stdout).not.toContain('\u001b')
    const nothing = await run('logs', 'search', '!!!')
    expect(nothing).toMatchObject({ code: 2, stdout: '' })
    expect(nothing.stderr).toMatch(/needs a word to look for/)
    const { stdout } = await run('logs', 'tail', '--once')
    expect(stdout).toMatch(/card accepted\n.*card declined/)
    expect(await run('logs', 'tail', '-n', '-1')).toMatchObject({ code: 2 })
  })
})
