import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readOtlp } from '../../src/formats/otlp/read.ts'
import { writeOtlp } from '../../src/formats/otlp/write.ts'
import { Micros } from '../../src/rows/micros.ts'
import { acceptRow, rowDefaults } from '../../src/writers/accept.ts'
import { runs } from '../runs.ts'
import { canonicalOtlp } from './canonical-otlp.ts'
import { otlpDocuments } from './otlp-documents.ts'
import { storedEvents, storedSpans } from './stored-rows.ts'

const key = (row: { traceId: string; spanId: string }) => `${row.traceId} ${row.spanId}`

test('any OTLP document comes back canonically equal through stored rows', () => {
  fc.assert(
    fc.property(otlpDocuments, (document) => {
      const { spans, events, rejected } = readOtlp(document)
      expect(rejected).toEqual([])
      // Spans are stored by their ids: a document that has one twice is none that a producer makes.
      fc.pre(new Set(spans.map(key)).size === spans.length)
      const written = writeOtlp(storedSpans(spans).reverse(), storedEvents(events).reverse())
      expect(canonicalOtlp(written)).toEqual(canonicalOtlp(document))
    }),
    { numRuns: runs(100, 1000) },
  )
})

test('what is written is in canonical form as JSON text, too', () => {
  fc.assert(
    fc.property(otlpDocuments, (document) => {
      const { spans, events } = readOtlp(document)
      const text = JSON.stringify(writeOtlp(storedSpans(spans), storedEvents(events)))
      const again = readOtlp(JSON.parse(text))
      expect(again.rejected).toEqual([])
      expect(JSON.stringify(writeOtlp(storedSpans(again.spans), storedEvents(again.events)))).toBe(text)
    }),
    { numRuns: runs(50, 200) },
  )
})

test('rows hold only what JSON can, and null for what is absent', () => {
  fc.assert(
    fc.property(otlpDocuments, (document) => {
      const { spans, events } = readOtlp(document)
      for (const row of [...spans, ...events]) {
        expect(Object.values(row)).not.toContain(undefined)
        expect(JSON.parse(JSON.stringify(row))).toEqual(
          mapValues(row, (value) => (value instanceof Micros ? value.toJSON() : value)),
        )
      }
    }),
    { numRuns: runs(50, 200) },
  )
})

test('the writers accept every row that the reader makes, whatever its attributes say', () => {
  const stamp = { projectId: 'default', writtenAt: '2026-11-20T10:03:00.123456Z' }
  const spanDefaults = rowDefaults('spans', stamp)
  const eventDefaults = rowDefaults('events', stamp)
  fc.assert(
    fc.property(otlpDocuments, (document) => {
      const { spans, events } = readOtlp(document)
      for (const span of spans) expect(acceptRow('spans', span, spanDefaults)).toHaveProperty('values')
      for (const event of events) expect(acceptRow('events', event, eventDefaults)).toHaveProperty('values')
    }),
    { numRuns: runs(100, 500) },
  )
})

const mapValues = (object: object, map: (value: unknown) => unknown) =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value)]))
