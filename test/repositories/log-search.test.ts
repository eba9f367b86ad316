import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openStore, type Store } from '../../src/index.ts'
import { parseSearch } from '../../src/repositories/filters/search.ts'
import { describeBackends } from '../backends.ts'
import { runsOn } from '../runs.ts'

it('a search is words, phrases and exclusions', () => {
  expect(parseSearch('a "b c" -d -"e f" user@x.com "open end')).toEqual({
    wanted: [['a'], ['b', 'c'], ['user', 'x', 'com'], ['open', 'end']],
    unwanted: [['d'], ['e', 'f']],
  })
})

const word = fc.constantFrom(
  'a',
  'b',
  'abc',
  'X1',
  '42',
  '007',
  '1e5',
  '5xx',
  '0x1f',
  'the',
  'not',
  'and',
  'or',
  'near',
)
const gap = fc.constantFrom(
  ' ',
  '  ',
  '_',
  '-',
  '@',
  '.',
  '/',
  ' -',
  ', ',
  "'",
  '"',
  '\\',
  '\n',
  ':',
  '&',
  '|',
  '!',
  '(',
  ')',
)
const body = fc.array(fc.tuple(word, gap), { maxLength: 8 }).map((parts) => parts.flat().join(''))
const term = fc
  .tuple(fc.boolean(), fc.boolean(), fc.array(word, { minLength: 1, maxLength: 3 }))
  .map(([isExcluded, isQuoted, words]) => ({ isExcluded, words: isQuoted ? words : words.slice(0, 1), isQuoted }))

describeBackends('the search of logs', (backend) => {
  let store: Store

  beforeAll(async () => {
    store = await openStore(backend.url(), { migrate: true })
  })
  afterAll(() => store.close())

  it('finds what a plain reading of the bodies finds, for words of ASCII letters and digits', async () => {
    const bodies = fc.sample(body, { numRuns: 400, seed: 5 })
    await store.writers.logs.write(bodies.map((text, i) => ({ logId: `log-${i}`, body: text })))
    await fc.assert(
      fc.asyncProperty(fc.array(term, { minLength: 1, maxLength: 4 }), async (terms) => {
        fc.pre(terms.some(({ isExcluded }) => !isExcluded))
        const text = terms
          .map(
            ({ isExcluded, isQuoted, words }) =>
              `${isExcluded ? '-' : ''}${isQuoted ? `"${words.join(' ')}"` : words[0]}`,
          )
          .join(' ')
        const expected = bodies.flatMap((each, i) => {
          const found = ` ${each
            .toLowerCase()
            .replace(/[^a-z0-9]+/g, ' ')
            .trim()} `
          const fits = terms.every(
            ({ isExcluded, words }) => found.includes(` ${words.join(' ').toLowerCase()} `) !== isExcluded,
          )
          return fits ? [`log-${i}`] : []
        })
        const { items } = await store.logs.search(text, { limit: 1000 })
        expect(items.map(({ logId }) => logId).sort()).toEqual(expected.sort())
      }),
      { numRuns: runsOn(backend, 100, 300) },
    )
  })
  it('finds phrases wherever they are in a long body', async () => {
    await store.writers.logs.write([
      { logId: 'often', body: `${'often it '.repeat(300)}OFTEN, so` },
      { logId: 'far', body: `${'x '.repeat(17_000)}needle\nhaystack` },
      { logId: 'apart', body: `${'x '.repeat(16_381)}needle or haystack` },
      { logId: 'longer', body: 'needle haystacks, often sorted' },
    ])
    const found = async (text: string) => (await store.logs.search(text)).items.map(({ logId }) => logId).sort()
    expect(await found('"often so"')).toEqual(['often'])
    expect(await found('often -"often so"')).toEqual(['longer'])
    expect(await found('"needle haystack" x')).toEqual(['far'])
    expect(await found('"haystack needle"')).toEqual([])
    expect(await found('x needle -"needle haystack"')).toEqual(['apart'])
  })
})
