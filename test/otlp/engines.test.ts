import { afterAll, beforeAll, expect, it } from 'vitest'
import { openStore, type Store } from '../../src/index.ts'
import { otlpHandler } from '../../src/otlp/index.ts'
import { describeBackends } from '../backends.ts'
import { eventSample, logSample, metricSample, traceSample } from '../formats/otlp-samples.ts'
import { json, protobuf, send } from './send.ts'
import { otlpTables, storedTables } from './stored-tables.ts'

const requests = [
  { signal: 'traces', body: traceSample },
  { signal: 'logs', body: logSample },
  { signal: 'logs', body: eventSample },
  { signal: 'metrics', body: metricSample },
] as const

describeBackends('an OTLP endpoint', (backend) => {
  let store: Store
  beforeAll(async () => {
    store = await openStore(backend.url())
  })
  afterAll(() => store.close())

  async function sendAll(project: string, type: string) {
    const handler = otlpHandler(store.forProject(project))
    for (const request of requests) {
      expect(await send(handler, { ...request, type })).toMatchObject({ status: 200, body: {} })
    }
  }

  it('stores the same rows of JSON and of protobuf, and those of a request that comes again once', async () => {
    await sendAll('json', json)
    const rows = await storedTables(store, 'json')
    for (const name of otlpTables) if (name !== 'results') expect(rows[name]).not.toEqual([])
    await sendAll('protobuf', protobuf)
    expect(await storedTables(store, 'protobuf')).toEqual(rows)
    await sendAll('json', protobuf)
    await sendAll('json', json)
    expect(await storedTables(store, 'json')).toEqual(rows)
  })
})
