/** Records of spans that no engine can store: what a caller of a service may send by mistake or on purpose. */
const throws = () => {
  throw new Error('a secret')
}
export const span = (spanId: string, more: object = {}) => ({
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
export const oddRows: [string, unknown, RegExp][] = [
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
  ...[Number.NaN, Number.POSITIVE_INFINITY, 1.5, 2 ** 60, '7'].map((value): [string, unknown, RegExp] => [
    `inputTokens that are ${typeof value} ${value}`,
    span('odd', { inputTokens: value }),
    /inputTokens/,
  ]),
  ['a time that is none', span('odd', { startTime: new Date(Number.NaN) }), /startTime/],
  ['an id of a kilobyte', span('o'.repeat(1_024)), /spanId/],
  ['an id that is a number', span('odd', { traceId: 7 }), /traceId/],
  ['a number', 7, /./],
  ['null', null, /./],
  [
    'more bytes than a row holds',
    span('odd', { attributes: { a: new Uint8Array(40e6) } }),
    /attributes must be at most/,
  ],
]
