import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Signal } from '../../src/formats/otlp/protobuf/decode.ts'
import { openStore, type Store } from '../../src/index.ts'
import { otlpHandler } from '../../src/otlp/index.ts'
import { otlpDocuments } from '../formats/otlp-documents.ts'
import { otlpLogDocuments } from '../formats/otlp-log-documents.ts'
import { otlpMetricDocuments } from '../formats/otlp-metric-documents.ts'
import { officialBytes } from '../formats/protobuf/official.ts'
import { runs } from '../runs.ts'
import { createMigrated } from '../servers/migrated.ts'
import { json, protobuf, send } from './send.ts'
import { storedTables } from './stored-tables.ts'

const documents: Record<Signal, fc.Arbitrary<object>> = {
  traces: otlpDocuments,
  logs: otlpLogDocuments,
  metrics: otlpMetricDocuments,
}

let database: Awaited<ReturnType<typeof createMigrated.sqlite>>
let store: Store
beforeAll(async () => {
  database = await createMigrated.sqlite()
  store = await openStore(database.url)
})
afterAll(async () => {
  await store.close()
  await database.drop()
})

let projects = 0
const ownProject = () => {
  projects += 1
  return store.forProject(`p${projects}`)
}

describe.each(Object.entries(documents) as [Signal, fc.Arbitrary<object>][])('random requests of %s', (signal, any) => {
  it('have the same answer and the same rows in JSON and in protobuf', async () => {
    await fc.assert(
      fc.asyncProperty(any, async (body) => {
        const [ofJson, ofProtobuf] = [ownProject(), ownProject()]
        const [first, second] = await Promise.all([
          send(otlpHandler(ofJson), { signal, type: json, body }),
          send(otlpHandler(ofProtobuf), { signal, type: protobuf, body }),
        ])
        expect(second.status).toBe(first.status)
        expect(leftOut(second.body)).toEqual(leftOut(first.body))
        expect(await storedTables(ofProtobuf)).toEqual(await storedTables(ofJson))
      }),
      { numRuns: runs(100, 2000) },
    )
  })

  it('are stored or refused, and never more, where they are cut or a bit is flipped', async () => {
    const handler = otlpHandler(ownProject())
    const bytes = any.map((body) => officialBytes(signal, body)).filter(({ length }) => length > 0)
    await fc.assert(
      fc.asyncProperty(bytes, fc.nat(), fc.integer({ min: 0, max: 7 }), async (whole, place, bit) => {
        const at = place % whole.length
        const flipped = Uint8Array.from(whole)
        flipped[at] = (flipped[at] ?? 0) ^ (1 << bit)
        for (const body of [flipped, whole.subarray(0, at)]) {
          const { status } = await send(handler, { signal, type: protobuf, body })
          expect([200, 400]).toContain(status)
        }
      }),
      { numRuns: runs(50, 2000) },
    )
  })
})

/** How much an answer says was left out; a number in protobuf is a text in JSON. */
function leftOut(body: unknown) {
  const { partialSuccess = {} } = (body ?? {}) as { partialSuccess?: object }
  return Object.fromEntries(Object.entries(partialSuccess).map(([name, value]) => [name, String(value)]))
}
