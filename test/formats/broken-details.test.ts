import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readRecords } from '../../src/formats/formats.ts'
import type { ReadResult } from '../../src/formats/read-result.ts'
import { runs } from '../runs.ts'
import { logSample, metricSample } from './otlp-samples.ts'
import { otlpAttributes, otlpSpan } from './otlp-spans.ts'

const attributes = otlpAttributes({ a: 'text', list: ['x', 1], bytes: { bytesValue: 'AQID' }, n: 5 })
const traces = {
  resourceSpans: [
    {
      resource: { attributes },
      scopeSpans: [
        {
          scope: { name: 'scope', version: '1', attributes },
          spans: [
            otlpSpan({ spanId: '00000000000000a1' }),
            otlpSpan({
              spanId: '00000000000000a2',
              parentSpanId: '00000000000000a1',
              kind: 3,
              status: { code: 2, message: 'no' },
              attributes,
              events: [{ name: 'e', timeUnixNano: '1763000000000000000', attributes }],
              links: [{ traceId: '0af7651916cd43dd8448eb211c80319c', spanId: '00000000000000a1', attributes }],
              flags: 1,
            }),
            otlpSpan({ spanId: '00000000000000a3' }),
          ],
        },
      ],
    },
  ],
}

/** The paths of all values of a document. */
function* pathsOf(value: unknown, path: readonly string[] = []): Generator<readonly string[]> {
  if (path.length > 0) yield path
  if (typeof value !== 'object' || value === null) return
  for (const [key, member] of Object.entries(value)) yield* pathsOf(member, [...path, key])
}

const oddValues: readonly unknown[] = [null, 5, -1, 1.5, 'odd', '', true, [], {}, [7], { odd: 1 }, '9'.repeat(30)]

/** A copy of a document with one value replaced, renamed or removed. */
function broken(document: object, path: readonly string[], how: number): object {
  const copy = structuredClone(document) as Record<string, unknown>
  let holder = copy
  for (const key of path.slice(0, -1)) holder = holder[key] as Record<string, unknown>
  const last = path.at(-1) ?? ''
  if (how < oddValues.length) holder[last] = oddValues[how]
  else {
    if (how === oddValues.length && !Array.isArray(holder)) holder[`${last}Odd`] = holder[last]
    if (Array.isArray(holder)) holder.splice(Number(last), 1)
    else delete holder[last]
  }
  return copy
}

const recordsIn = ({ spans, logs, metricPoints }: ReadResult) => spans.length + logs.length + metricPoints.length

/** What a document yields; nothing and no word of it would be silence. */
function read(document: object): { records: number; isSilent: boolean } {
  try {
    const result = readRecords(document)
    const records = recordsIn(result)
    return { records, isSilent: records === 0 && result.rejected.length === 0 }
  } catch {
    return { records: 0, isSilent: false }
  }
}

test.each([
  ['traces', traces, 'spans'],
  ['logs', logSample, 'logRecords'],
  ['metrics', metricSample, 'metrics'],
] as const)(
  'a document of %s with one broken detail is never an empty success and costs no neighbour',
  (_name, document, items) => {
    const paths = [...pathsOf(document)]
    const whole = read(document).records
    fc.assert(
      fc.property(fc.nat(paths.length - 1), fc.nat(oddValues.length + 1), (n, how) => {
        const path = paths[n] ?? []
        const change = broken(document, path, how)
        const { records, isSilent } = read(change)
        // What is empty says that there is nothing.
        const odd = oddValues[how]
        const isEmptied = typeof odd === 'object' && odd !== null && Object.keys(odd).length === 0
        const isRemoved = how === oddValues.length + 1 || (how === oddValues.length && /^\d+$/.test(path.at(-1) ?? ''))
        if (!isEmptied && !isRemoved) expect(isSilent).toBe(false)
        // Within an item only that item is lost; above it, whatever is below.
        if (path.indexOf(items) >= 0 && path.indexOf(items) < path.length - 1) {
          const ofMetric = items === 'metrics' ? 12 : 1
          expect(records).toBeGreaterThanOrEqual(whole - ofMetric)
        }
      }),
      { numRuns: runs(300, 20_000) },
    )
  },
)
