import { afterAll, beforeAll, expect, it } from 'vitest'
import { openStore, type Store } from '../../src/index.ts'
import { describeBackends } from '../backends.ts'

/** Texts in which engines differ elsewhere: capitals, accents, marks of LIKE, of regular expressions and of JSON. */
const texts = [
  'Refund Denied',
  'REFUND 100%',
  'a_b',
  'aXb',
  'back\\slash',
  'quote "inside"',
  "it's",
  'line\nbreak\ttab',
  'ÉCHEC',
  'échec',
  'e\u0301chec',
  'Жёлтый',
  'жёлтый',
  'Straße',
  'STRASSE',
  'İstanbul',
  'istanbul',
  'ΟΔΟΣ',
  'οδος',
  '支付服务超时',
  '🔥fire🔥',
  'a.b*c[d]',
  '',
  ' ',
  '{p0:String} $1 ? :x',
  'Kelvin \u212a',
  'kelvin k',
] as const

const needles = [
  ...texts.filter((text) => text !== ''),
  'refund',
  'É',
  'é',
  'ж',
  'Ж',
  'k',
  'i',
  '\\',
  '"',
  '%',
  '_',
  '付',
]

const lowerAscii = (text: string) => text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())

describeBackends('contains', (backend) => {
  let store: Store
  beforeAll(async () => {
    store = await openStore(backend.url(), { migrate: true })
    await store.writers.spans.write(
      texts.map((text, i) => ({
        traceId: `t${i}`,
        spanId: 's',
        name: text || 'empty',
        startTime: '2026-11-20T00:00:00Z',
        statusMessage: text,
        input: [{ deep: { text } }],
      })),
    )
  })
  afterAll(() => store.close())

  it('finds the same texts on every engine: ASCII letters in any case, all else as it is', async () => {
    for (const needle of needles) {
      const expected = texts.flatMap((text, i) => (lowerAscii(text).includes(lowerAscii(needle)) ? [`t${i}`] : []))
      const ids = async (filter: object) =>
        (await store.spans.list({ ...filter, limit: 1000 })).items.map(({ traceId }) => traceId)
      const inColumn = await ids({ statusMessage: { contains: needle } })
      expect([needle, inColumn.sort()]).toEqual([needle, expected.toSorted()])
      const inDocument = await ids({ input: { contains: needle } })
      expect([needle, inDocument.sort()]).toEqual([needle, expected.toSorted()])
    }
  })

  it('startsWith takes the beginning as it is', async () => {
    const starting = async (startsWith: string) => await store.spans.count({ statusMessage: { startsWith } })
    expect(await starting('é')).toBe(1)
    expect(await starting('Ж')).toBe(1)
    expect(await starting('a')).toBe(3)
    expect(await starting('支付')).toBe(1)
    expect(await starting('refund')).toBe(0)
  })
})
