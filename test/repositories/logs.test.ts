import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BatchError, openStore, type Store, ValidationError } from '../../src/index.ts'
import type { NewLog } from '../../src/rows/records.ts'
import { describeBackends } from '../backends.ts'

const at = (second: number) => `2026-11-20T10:03:${String(second).padStart(2, '0')}.000001Z`

const lines: NewLog[] = [
  { logId: 'l0', time: at(0), severity: 9, body: 'agent started', serviceName: 'airline', traceId: 't1', spanId: 's1' },
  {
    logId: 'l1',
    time: at(1),
    severity: 13,
    body: 'tool search_flights is slow',
    serviceName: 'airline',
    traceId: 't1',
  },
  { logId: 'l2', time: at(2), severity: 17, body: 'card declined for user@example.com', serviceName: 'payments' },
  { logId: 'l3', time: at(3), severity: 21, body: 'out of memory', serviceName: 'payments', traceId: 't1' },
  { logId: 'l4', time: at(4), severity: 1, body: { url: 'https://example.com/refund', tries: [1, 'second try'] } },
  { logId: 'l5', time: at(5), body: 'declined the card', eventName: 'payment.declined' },
]

describeBackends('logs', (backend) => {
  let store: Store

  beforeAll(async () => {
    store = await openStore(backend.url(), { migrate: true })
    await store.writers.logs.write(lines)
  })
  afterAll(() => store.close())

  const ids = async (filter: Parameters<typeof store.logs.list>[0]) =>
    (await store.logs.list({ direction: 'asc', ...filter })).items.map(({ logId }) => logId)

  it('come back as they were written', async () => {
    const log: NewLog = {
      logId: 'whole',
      time: '2025-11-20T10:03:00.123456Z',
      observedTime: '2025-11-20T10:03:01.000000Z',
      severity: 10,
      severityText: 'Information',
      body: { a: ['b', 1, null, true] },
      eventName: 'e',
      traceId: 't9',
      spanId: 's9',
      flags: 1,
      serviceName: 'x',
      environment: 'test',
      attributes: { 'a.b': { c: 1 } },
      attributeTypes: { '/attributes/a.b/c': 'double' },
      droppedAttributesCount: 2,
      resource: { attributes: { 'service.name': 'x' } },
      scope: { name: 'lib', version: '1' },
    }
    await store.writers.logs.write(log)
    expect(await store.logs.get('whole')).toMatchObject(log)
    expect(await store.logs.get('l0')).toMatchObject({ body: 'agent started', attributes: {}, severityText: null })
    expect(await store.logs.get('none')).toBeUndefined()
    for await (const found of store.logs.stream({ traceId: 't9' })) expect(found).toMatchObject(log)
  })

  it('are listed by service, severity, trace, time and text', async () => {
    expect(await ids({ serviceName: 'payments' })).toEqual(['l2', 'l3'])
    expect(await ids({ minSeverity: 'warn' })).toEqual(['l1', 'l2', 'l3'])
    expect(await ids({ minSeverity: 21 })).toEqual(['l3'])
    expect(await ids({ level: ['trace', 'info'], since: at(0) })).toEqual(['l0', 'l4'])
    expect(await ids({ level: new Array(5_000).fill('info'), since: at(0) })).toEqual(
      await ids({ level: 'info', since: at(0) }),
    )
    expect(await ids({ traceId: 't1', spanId: 's1' })).toEqual(['l0'])
    expect(await ids({ since: at(2), until: at(4) })).toEqual(['l2', 'l3'])
    expect(await ids({ bodyText: { contains: 'DECLINED' } })).toEqual(['l2', 'l5'])
    expect(await ids({ body: { path: ['tries', 0], eq: 1 } })).toEqual(['l4'])
    expect(await ids({ severity: null, eventName: 'payment.declined' })).toEqual(['l5'])
  })

  it('of a trace come in order, errors newest first', async () => {
    expect((await store.logs.byTrace('t1')).items.map(({ logId }) => logId)).toEqual(['l0', 'l1', 'l3'])
    expect((await store.logs.errors()).items.map(({ logId }) => logId)).toEqual(['l3', 'l2'])
    // An option that is undefined is none.
    const ofTrace = await store.logs.byTrace('t1', { direction: undefined })
    expect(ofTrace.items.map(({ logId }) => logId)).toEqual(['l0', 'l1', 'l3'])
    const errors = await store.logs.errors({ minSeverity: undefined })
    expect(errors.items.map(({ logId }) => logId)).toEqual(['l3', 'l2'])
    expect((await store.logs.errors({ minSeverity: 'fatal' })).items.map(({ logId }) => logId)).toEqual(['l3'])
    expect((await store.logs.byTrace('t1', { direction: 'desc', limit: 1 })).items[0]?.logId).toBe('l3')
  })

  it('are found by words, phrases and exclusions', async () => {
    const found = async (text: string) => (await store.logs.search(text)).items.map(({ logId }) => logId)
    expect(await found('declined card')).toEqual(['l5', 'l2'])
    expect(await found('"card declined"')).toEqual(['l2'])
    expect(await found('CARD -the')).toEqual(['l2'])
    expect(await found('card -"card declined"')).toEqual(['l5'])
    expect(await found('user@example.com')).toEqual(['l2'])
    expect(await found('example')).toEqual(['l4', 'l2'])
    expect(await found('search_flights')).toEqual(['l1'])
    expect(await found('flights')).toEqual(['l1'])
    expect(await found('refund "second try"')).toEqual(['l4'])
    expect(await found('nowhere')).toEqual([])
    expect(await found("o'clock OR NEAR(a b) * ^x")).toEqual([])
    const page = await store.logs.search('card', { limit: 1 })
    expect((await store.logs.search('card', { limit: 1, after: page.cursor })).items[0]?.logId).toBe('l2')
    expect(await store.logs.count({ search: 'card' })).toBe(2)
    expect((await store.logs.search('card', { minSeverity: 'error' })).items).toHaveLength(1)
    expect((await store.forProject('other').logs.search('card')).items).toEqual([])
  })

  it('that change are found by their new words only', async () => {
    const writer = store.writers.logs
    await writer.write({ logId: 'edited', time: at(30), body: 'zebra' })
    await writer.write({ logId: 'edited', time: at(30), body: 'giraffe' })
    expect(await ids({ search: 'zebra' })).toEqual([])
    expect(await ids({ search: 'giraffe' })).toEqual(['edited'])
    await writer.write({ logId: 'edited', time: at(30), body: null })
    expect(await ids({ search: 'giraffe' })).toEqual([])
    await writer.write({ logId: 'edited', time: at(30), body: 'okapi' })
    expect(await ids({ search: 'okapi' })).toEqual(['edited'])
  })

  it.each(['', '   ', '!!! ... --', '-word', '-"a b"', '""'])(
    'a search of %j says that it has no word',
    async (text) => {
      await expect(store.logs.search(text)).rejects.toThrow(ValidationError)
      await expect(store.logs.search(text)).rejects.toThrow(/needs a word/)
    },
  )

  it('are counted by level and by time', async () => {
    const within = { since: at(0), until: at(10) }
    expect(await store.logs.countByLevel(within)).toEqual({
      trace: 1,
      debug: 0,
      info: 1,
      warn: 1,
      error: 1,
      fatal: 1,
      none: 1,
    })
    const [all] = await store.logs.statistics(within)
    expect(all).toMatchObject({ logs: 6, errors: 2, warnings: 1, firstTime: at(0), lastTime: at(5), perSecond: 0.6 })
    const byService = await store.logs.statistics({ ...within, by: ['service'], bucket: 'minute' })
    expect(byService).toMatchObject([
      { service: 'airline', logs: 2, errors: 0, perSecond: 2 / 60 },
      { service: 'payments', logs: 2, errorRate: 1 },
      { service: null, logs: 2 },
    ])
  })

  it('that are wrong cost themselves only', async () => {
    const bad: [object, RegExp][] = [
      [{ severity: 99 }, /severity must be an integer from 1 to 24/],
      [{ severity: 0 }, /severity/],
      [{ severity: 9.5 }, /severity/],
      [{ time: '12:00' }, /time/],
      [{ logId: 7 }, /logId must be a string/],
    ]
    const rows = bad.flatMap(([row], i) => [row as NewLog, { logId: `kept-${i}`, time: at(40), body: '\0' }])
    const error = await store.writers.logs.write(rows).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(BatchError)
    expect((error as BatchError).rejected).toHaveLength(bad.length)
    bad.forEach(([, message], i) => {
      expect((error as BatchError).rejected[i]?.message).toMatch(message)
    })
    expect(await ids({ since: at(40) })).toHaveLength(bad.length)
  })

  it('of any length are stored; the search reads the first 65536 characters', async () => {
    const body = `needle ${'hay '.repeat(400_000)} haystackend`
    await store.writers.logs.write({ logId: 'long', time: at(50), body: body.slice(0, 2_000_000) })
    expect(await ids({ search: 'needle hay' })).toEqual(['long'])
    expect(await ids({ search: 'haystackend' })).toEqual([])
    expect((await store.logs.get('long'))?.body).toHaveLength(body.length)
  })

  describe('refuses filters that are none', () => {
    it.each([
      [{ severity: 'high' }, /severity/],
      [{ minSeverity: 25 }, /minSeverity must be from 1 to 24/],
      [{ minSeverity: 'loud' }, /minSeverity/],
      [{ level: 'loud' }, /level must be among/],
      [{ nothing: 1 }, /nothing is not a field/],
      [{ search: 7 }, /search/],
    ])('%j', async (filter, message) => {
      await expect(store.logs.list(filter as object)).rejects.toThrow(message)
    })
  })
})
