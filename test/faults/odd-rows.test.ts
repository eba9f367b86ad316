import { afterAll, beforeAll, expect, it } from 'vitest'
import { type BatchError, exportDocuments, openStore, type Store } from '../../src/index.ts'
import { describeBackends } from '../backends.ts'
import { thrown } from '../engines/thrown.ts'
import { runs } from '../runs.ts'
import { oddRows, span } from '../writers/odd-rows.ts'

const rows = runs(500, 20_000)
const kinds = oddRows.filter((_, n) => n % runs(10, 1) === 0)
const oddPlaces = [0, Math.floor(rows / 3), rows - 1]

describeBackends('three odd rows among many', (backend) => {
  let store: Store
  beforeAll(async () => {
    store = await openStore(backend.url())
  })
  afterAll(() => store.close())

  it('are refused by index, the others are stored, and every export is whole', { timeout: 1_200_000 }, async () => {
    for (const [kind, odd] of kinds) {
      const project = store.forProject(kind)
      const batch = Array.from({ length: rows }, (_, n) => span(`s${n}`, { traceId: `t${n % 200}` }) as unknown)
      for (const place of oddPlaces) batch[place] = odd
      const error = (await thrown(project.writers.spans.write(batch as never[]))) as BatchError
      expect
        .soft(
          error.rejected?.map(({ index }) => index),
          kind,
        )
        .toEqual(oddPlaces)
      expect.soft(error.stored, kind).toBe(rows - oddPlaces.length)
      let exported = 0
      for await (const { text } of exportDocuments(project)) {
        for (const line of text.split('\n').filter(Boolean)) {
          for (const { scopeSpans } of JSON.parse(line).resourceSpans) {
            for (const { spans } of scopeSpans) exported += spans.length
          }
        }
      }
      expect.soft(exported, kind).toBe(rows - oddPlaces.length)
    }
  })
})
