import { afterAll, beforeAll, expect, it } from 'vitest'
import { exportDocuments } from '../../src/export/export-documents.ts'
import { writeOtlpLogs } from '../../src/formats/otlp/logs-write.ts'
import { writeOtlpMetrics } from '../../src/formats/otlp/metrics-write.ts'
import { importDocuments } from '../../src/import/import-documents.ts'
import { openStore } from '../../src/store/open-store.ts'
import type { Store } from '../../src/store/store.ts'
import { describeBackends } from '../backends.ts'
import { collect } from '../collect.ts'
import { canonicalOtlp } from '../formats/canonical-otlp.ts'
import { canonicalOtlpLogs } from '../formats/canonical-otlp-logs.ts'
import { canonicalOtlpMetrics } from '../formats/canonical-otlp-metrics.ts'
import { eventSample, logSample, metricSample, traceSample } from '../formats/otlp-samples.ts'

describeBackends('samples of OTLP', (backend) => {
  let store: Store
  beforeAll(async () => {
    store = await openStore(backend.url(), { migrate: true })
  })
  afterAll(() => store.close())

  const imported = async (project: string, sample: object) => {
    const here = store.forProject(project)
    async function* source() {
      yield JSON.stringify(sample, undefined, 2)
    }
    expect(await importDocuments(here, source())).toMatchObject({ rejected: 0 })
    return here
  }

  it('a trace is exported as it came', async () => {
    const [piece, ...others] = await collect(exportDocuments(await imported('trace', traceSample)))
    expect(others).toEqual([])
    expect(canonicalOtlp(JSON.parse(piece?.text ?? ''))).toEqual(canonicalOtlp(traceSample))
  })

  it.each([
    ['log records are', logSample],
    ['an event is', eventSample],
  ])('%s exported as they came', async (project, sample) => {
    const written = writeOtlpLogs(await collect((await imported(project, sample)).logs.stream()))
    expect(canonicalOtlpLogs(written)).toEqual(canonicalOtlpLogs(sample))
  })

  it('metrics of every shape are exported as they came', async () => {
    const { metrics } = await imported('metrics', metricSample)
    const { items } = await metrics.list({ limit: 100 })
    const written = writeOtlpMetrics(await collect(metrics.stream()), items)
    expect(canonicalOtlpMetrics(written)).toEqual(canonicalOtlpMetrics(metricSample))
    expect(canonicalOtlpMetrics(metricSample)).toHaveLength(7)
  })
})
