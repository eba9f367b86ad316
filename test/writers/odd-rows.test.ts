import { afterAll, beforeAll, expect, it } from 'vitest'
import { BatchError, exportDocuments, openStore, type Store } from '../../src/index.ts'
import { describeBackends } from '../backends.ts'
import { thrown } from '../engines/thrown.ts'

const throws = () => {
  throw new Error('a secret')
}
const span = (spanId: string, more: object = {}) => ({
  traceId: 't',
  spanId,
  name: 'n',
  startTime: '2026-11-20T10:03:00.123456Z',
  ...more,
})
const withGetter = (key: string) => Object.defineProperty(span('odd'), key, { enumerable: true, get: throws })
const nothing = { toJSON: () => undefined }
const hostileProxy = (trap: keyof ProxyHandler<object>) => new Proxy(span('odd'), { [trap]: throws })

/** Records that cannot be stored, and the field that the reason names. */
const oddRows: [string, unknown, RegExp][] = [
  ...['traceId', 'name', 'startTime', 'attributes', 'model'].map((key): [string, unknown, RegExp] => [
    `a getter of ${key} that throws`,
    withGetter(key),
    new RegExp(`${key} cannot be read`),
  ]),
  ['a Proxy whose keys throw', hostileProxy('ownKeys'), /record cannot be read/],
  ['a Proxy whose values throw', hostileProxy('get'), /cannot be read/],
  [
    'a Date whose time throws',
    span('odd', { startTime: Object.assign(new Date(0), { getTime: throws, valueOf: throws }) }),
    /./,
  ],
  [
    'attributes with a getter that throws',
    span('odd', { attributes: withGetter('a') }),
    /attributes cannot be written/,
  ],
  ['a toJSON that throws', span('odd', { input: { toJSON: throws } }), /input cannot be written/],
  ...['input', 'output', 'attributes', 'resource', 'scope', 'tags', 'links'].flatMap(
    (key): [string, unknown, RegExp][] => [
      [`${key} that is a function`, span('odd', { [key]: () => 1 }), new RegExp(`${key} must be`)],
      [`${key} whose toJSON gives nothing`, span('odd', { [key]: nothing }), new RegExp(`${key} must be`)],
    ],
  ),
  ...['attributes', 'attributeTypes', 'resource', 'scope', 'dropped', 'contentKeys'].flatMap(
    (key): [string, unknown, RegExp][] => [
      [`${key} that is text`, span('odd', { [key]: 'text' }), new RegExp(`${key} must be an object`)],
      [`${key} that is a list`, span('odd', { [key]: [1] }), new RegExp(`${key} must be an object`)],
    ],
  ),
  ...['tags', 'links', 'finishReasons'].flatMap((key): [string, unknown, RegExp][] => [
    [`${key} that is an object`, span('odd', { [key]: { a: 1 } }), new RegExp(`${key} must be a list`)],
    [`${key} with a number in it`, span('odd', { [key]: [1] }), new RegExp(`${key} must be a list`)],
  ]),
  ['links without ids', span('odd', { links: [{}] }), /links must be a list of objects with a traceId/],
  ['a resource whose attributes are a list', span('odd', { resource: { attributes: [] } }), /resource must be/],
  [
    'more bytes than a row holds',
    span('odd', { attributes: { a: new Uint8Array(40e6) } }),
    /attributes must be at most/,
  ],
]

describeBackends('odd rows', (backend) => {
  let store: Store
  beforeAll(async () => {
    store = await openStore(backend.url())
  })
  afterAll(() => store.close())

  it('are refused by index with their field, whatever they do while they are read, and the rest is stored', async () => {
    const { writers, spans } = store.forProject('odd')
    const rows = oddRows.flatMap(([, row], i) => [span(`before ${i}`), row])
    const error = (await thrown(writers.spans.write(rows as never[]))) as BatchError
    expect(error).toBeInstanceOf(BatchError)
    expect(error.stored).toBe(oddRows.length)
    expect(error.rejected.map(({ index }) => index)).toEqual(oddRows.map((_, i) => i * 2 + 1))
    for (const [i, [title, , reason]] of oddRows.entries()) {
      expect.soft(error.rejected[i]?.message, title).toMatch(reason)
    }
    expect(JSON.stringify(error)).not.toMatch(/a secret/)
    expect(await spans.count()).toBe(oddRows.length)
  })

  it('alone are refused too, and end no bulk write', async () => {
    const { writers } = store.forProject('odd alone')
    for (const [, row] of oddRows) {
      expect(await thrown(writers.spans.write(row as never))).toMatchObject({ rejected: [{ index: 0 }] })
    }
    const result = await writers.spans.bulk([span('a'), ...oddRows.map(([, row]) => row), span('b')] as never[])
    expect(result).toMatchObject({ stored: 2, rejected: oddRows.length })
  })

  it('of metadata that is no object are refused in traces', async () => {
    const { traces } = store.forProject('odd traces').writers
    for (const metadata of ['text', [1], 5, true]) {
      const error = await thrown(traces.write({ traceId: 't', metadata } as never))
      expect(error.message).toMatch(/metadata must be an object/)
    }
  })

  it('leave every export whole', async () => {
    const project = store.forProject('odd')
    let text = ''
    for await (const piece of exportDocuments(project)) text += piece.text
    expect(text.match(/"before \d+"|spanId/g)?.length).toBeGreaterThanOrEqual(oddRows.length)
  })

  it('of a project that an engine would rename are none: its name is refused', async () => {
    for (const name of ['a\0', 'a\ud800', '\udc00']) expect(() => store.forProject(name)).toThrow(/projectId must be/)
  })
})
