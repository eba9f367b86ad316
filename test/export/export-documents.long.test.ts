import { expect, it } from 'vitest'
import { exportDocuments, openStore } from '../../src/index.ts'

it('exports spans that make no one text together', async () => {
  const store = await openStore('sqlite::memory:', { migrate: true })
  const input = 'x'.repeat(1024 * 1024)
  for (let i = 0; i < 600; i += 1) {
    const span = { traceId: 't', spanId: `s${i}`, name: 'call', startTime: '2026-11-20T10:00:00Z', input }
    await store.writers.spans.write(span)
  }
  let spans = 0
  let traces = 0
  for await (const piece of exportDocuments(store)) {
    spans += piece.text.split('"spanId"').length - 1
    traces += piece.traces
  }
  expect({ spans, traces }).toEqual({ spans: 600, traces: 1 })
  await store.close()
})
