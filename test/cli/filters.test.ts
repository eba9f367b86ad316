import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { type Filtered, filterOf, withFilters } from '../../src/cli/filters/filters.ts'
import { pathConditionsOf } from '../../src/cli/filters/path-conditions.ts'
import { entities } from '../../src/repositories/entities/entities.ts'

const parse = (entity: Filtered, args: string[]) => {
  const command = withFilters(new Command(), entity)
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
  return command.parse(args, { from: 'user' }).opts()
}
const traces = (...args: string[]) => filterOf('traces', parse('traces', args))
const spans = (...args: string[]) => filterOf('spans', parse('spans', args))

describe('filters as options', () => {
  it('nothing is no filter', () => {
    expect(traces()).toEqual({})
    expect(spans()).toEqual({})
  })

  it('any of several texts fits, a part of one, or none', () => {
    expect(traces('--agent', 'a', 'b', '--model', '~gpt', '--user', '')).toEqual({
      agentName: ['a', 'b'],
      model: { contains: 'gpt' },
      userId: [null],
    })
    expect(traces('--name', 'a', '~b')).toEqual({ or: [{ name: { contains: 'b' } }, { name: ['a'] }] })
  })

  it('ranges have a lower and an upper end', () => {
    expect(traces('--min-duration', '1.5s', '--max-duration', '2m', '--min-cost', '0.1', '--max-steps', '9')).toEqual({
      and: [
        { durationMs: { gte: 1500 }, costUsd: { gte: 0.1 }, stepCount: { lte: 9 } },
        { durationMs: { lte: 120_000 } },
      ],
    })
    expect(() => traces('--min-duration', 'long')).toThrow(/500ms, 2s/)
    expect(() => traces('--min-cost', 'x')).toThrow(/must be a number/)
  })

  it('times stay where analytics look for them', () => {
    const since = '2026-11-01T00:00:00Z'
    expect(spans('--since', since, '--min-tokens', '1', '--max-tokens', '5')).toMatchObject({ since })
  })

  it('one span of a trace fits them all; the trace of a span does', () => {
    expect(traces('--kind', 'tool', '--tool', 'search', '--attribute', 'a.b=c', '--run', 'r')).toEqual({
      runId: ['r'],
      hasSpan: { kind: ['tool'], toolName: ['search'], attributes: [{ path: 'a.b', in: ['c'] }] },
    })
    expect(spans('--kind', 'tool', '--metadata', 'team=red', 'plan', '--min-spans', '3')).toEqual({
      kind: ['tool'],
      inTrace: {
        metadata: [
          { path: 'team', in: ['red'] },
          { path: 'plan', exists: true },
        ],
        spanCount: { gte: 3 },
      },
    })
  })

  it('tags, errors, text, and whatever the library takes', () => {
    expect(traces('--tag', 'a', 'b', '--all-tags', 'c', '--has-error', '--filter', '{"not":{"name":"x"}}')).toEqual({
      and: [{ tags: ['a', 'b'], hasError: true, and: [{ not: { name: 'x' } }] }, { tags: { all: ['c'] } }],
    })
    const here = [{ input: { contains: 'hi' } }, { output: { contains: 'hi' } }]
    expect(traces('--text', 'hi')).toEqual({ or: [...here, { hasSpan: { or: here } }] })
    expect(spans('--text', 'hi', '--without-error')).toEqual({ or: here, hasError: false })
    expect(() => traces('--filter', '[1]')).toThrow(/JSON object/)
    expect(() => traces('--status', 'odd')).toThrow(/Allowed choices/)
  })

  it.each(['traces', 'spans', 'results', 'logs', 'metrics', 'metricPoints'] as const)(
    'there is an option for every field of %s',
    (entity) => {
      const args = withFilters(new Command(), entity).options.flatMap(({ long, argChoices, required, variadic }) => {
        const name = String(long)
        if (/since$|until$/.test(name)) return [name, '2026-11-01']
        if (/^--(min|max)-/.test(name)) return [name, '1']
        if (argChoices) return [name, String(argChoices[0])]
        if (!required && !variadic) return [name]
        return [name, name === '--filter' ? '{}' : 'x']
      })
      const filter = JSON.stringify(filterOf(entity, parse(entity, args)))
      // The time has names of its own. The name of a metric is the argument of `metrics show`, which shows its points.
      const { fields, time } = entities[entity]
      const others = entity === 'metricPoints' ? ['metricName', 'startTime', 'min', 'max'] : []
      for (const field of Object.keys(fields)) {
        if (field !== time && !others.includes(field)) expect(filter).toContain(`"${field}":`)
      }
    },
  )

  it('filters of records combine', () => {
    const parsed = (entity: Filtered, ...args: string[]) => filterOf(entity, parse(entity, args))
    expect(parsed('results', '--name', 'a', '~b', '--failing', '--min-score', '0.5')).toEqual({
      or: [{ name: { contains: 'b' } }, { name: ['a'] }],
      failing: true,
      score: { gte: 0.5 },
    })
    const not = '{"not":{"serviceName":"api"}}'
    expect(filterOf('logs', parse('logs', ['--level', 'warn', '--filter', not]), { search: 'card' })).toEqual({
      minSeverity: 'warn',
      and: [{ not: { serviceName: 'api' } }],
      search: 'card',
    })
    expect(filterOf('metrics', parse('metrics', []), { pattern: undefined })).toEqual({})
  })
})

describe('conditions on values of documents', () => {
  it.each([
    ['team=red', [{ path: 'team', in: ['red'] }]],
    ['gen_ai.system = openai', [{ path: 'gen_ai.system', in: ['openai'] }]],
    ['plan=pro,team', [{ path: 'plan', in: ['pro', 'team'] }]],
    ['n=5', [{ path: 'n', in: [5, '5'] }]],
    ['n="5"', [{ path: 'n', in: ['5'] }]],
    ['ok=true', [{ path: 'ok', in: [true, 'true'] }]],
    ['name="a, b"', [{ path: 'name', in: ['a, b'] }]],
    ['list=[1,2]', [{ path: 'list', in: [[1, 2]] }]],
    ['empty=', [{ path: 'empty', in: [''] }]],
    ['plan!=free', [{ path: 'plan', ne: 'free' }]],
    [
      'n!=5',
      [
        { path: 'n', ne: 5 },
        { path: 'n', ne: '5' },
      ],
    ],
    ['score>=0.5', [{ path: 'score', gte: 0.5 }]],
    ['score<1', [{ path: 'score', lt: 1 }]],
    ['day>2026-11-01', [{ path: 'day', gt: '2026-11-01' }]],
    ['team', [{ path: 'team', exists: true }]],
    ['!team', [{ path: 'team', exists: false }]],
    ['/user/plan=pro', [{ path: ['user', 'plan'], in: ['pro'] }]],
    ['/items/0/a~1b=x', [{ path: ['items', 0, 'a/b'], in: ['x'] }]],
  ])('%s', (written, expected) => {
    expect(pathConditionsOf(written)).toEqual(expected)
  })

  it.each(['=5', '', '!'])('%j names no key', (written) => {
    expect(() => pathConditionsOf(written)).toThrow(/Name a key/)
  })
})
