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

/** Bodies of many scripts, and what finds each: a search on the left finds these bodies and no others. */
const bodies = {
  payment: '支付服务超时',
  refund: '退款失败：支付被拒绝 (code 42)',
  japanese: 'データベース接続エラーが発生しました',
  thai: 'การชำระเงินล้มเหลว',
  korean: '결제가 실패했습니다',
  french: 'ÉCHEC du paiement à Orléans',
  decomposed: 'e\u0301chec du paiement',
  russian: 'ОШИБКА: Жёлтый лист',
  greek: 'ΟΔΟΣ ΑΘΗΝΑΣ',
  german: 'Straße gesperrt',
  turkish: 'İstanbul\u2019da hata',
  wide: 'ＧＰＴ模型 timeout',
  hindi: 'भुगतान विफल रहा',
  curly: 'the “card” was declined… twice',
  emoji: '🔥 fire🔥drill',
  plain: 'payment timeout, code 42',
  mixed: '12é 3.5x',
} as const

type Name = keyof typeof bodies

const searches: readonly (readonly [search: string, ...found: Name[]])[] = [
  ['支付', 'payment', 'refund'],
  ['支付服务', 'payment'],
  ['超时', 'payment'],
  ['付支'],
  ['支付 -超时', 'refund'],
  ['支付 42', 'refund'],
  ['"支付 服务"', 'payment'],
  ['接続', 'japanese'],
  ['エラー', 'japanese'],
  ['ﾃﾞｰﾀﾍﾞｰｽ', 'japanese'],
  ['ชำระเงิน', 'thai'],
  ['결제', 'korean'],
  ['échec', 'decomposed', 'french'],
  ['ÉCHEC', 'decomposed', 'french'],
  ['echec'],
  ['orléans', 'french'],
  ['ошибка', 'russian'],
  ['ЖЁЛТЫЙ', 'russian'],
  ['"жёлтый лист"', 'russian'],
  ['желтый'],
  ['οδος', 'greek'],
  ['οδοσ', 'greek'],
  ['ΑΘΗΝΑΣ', 'greek'],
  ['STRAßE', 'german'],
  ['istanbul'],
  ['İSTANBUL', 'turkish'],
  ['gpt', 'wide'],
  ['模型 timeout', 'wide'],
  ['timeout', 'plain', 'wide'],
  ['भुगतान', 'hindi'],
  ['भ'],
  ['card', 'curly'],
  ['"card was declined twice"', 'curly'],
  ['declined', 'curly'],
  ['fire', 'emoji'],
  ['42', 'plain', 'refund'],
  ['12'],
  ['12é', 'mixed'],
  ['-12 timeout', 'plain', 'wide'],
]

describeBackends('the search of logs', (backend) => {
  let store: Store

  beforeAll(async () => {
    store = await openStore(backend.url(), { migrate: true })
    const scripts = Object.entries(bodies).map(([logId, body]) => ({ logId, body }))
    await store.forProject('scripts').writers.logs.write(scripts)
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
  it.each(searches)('of %s finds the same on every engine', async (search, ...found) => {
    const own = store.forProject('scripts')
    const { items } = await own.logs.search(search)
    expect(items.map(({ logId }) => logId).sort()).toEqual(found.toSorted())
    expect(await own.logs.count({ search })).toBe(found.length)
  })

  it('finds a body as it is after another one took its id', async () => {
    const own = store.forProject('rewritten')
    const found = async (text: string) => (await own.logs.search(text)).items.length
    for (const body of ['支付服务', 'plain words', 'Ошибка', null, '超时']) {
      await own.writers.logs.write({ logId: 'one', body })
    }
    expect(await found('超时')).toBe(1)
    for (const text of ['支付', 'plain', 'ошибка']) expect(await found(text)).toBe(0)
    const { items } = await own.logs.list()
    expect(items).toMatchObject([{ body: '超时' }])
    expect(items[0]).not.toHaveProperty('searchText')
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
