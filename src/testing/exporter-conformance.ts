import assert from 'node:assert/strict'
import type { RecordExporter } from '../exporters/exporter.ts'
import type { AgentRecord } from '../exporters/record.ts'
import { type Opened, type TestRunner, testWith } from './test-runner.ts'

/** What the suite of exporters needs. */
export interface ExporterConformance extends TestRunner {
  /** What the suite is called. @default 'RecordExporter' */
  name?: string | undefined
  /** Opens an exporter whose destination answers; called for every test. */
  open(): Promise<Opened<RecordExporter>> | Opened<RecordExporter>
}

const record = (spanId: string): AgentRecord => ({
  kind: 'agent',
  runId: '01J9Z3K7P8QF2R5V6W7X8Y9Z0A',
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  spanId,
  name: 'conformance',
  status: 'ok',
  startUnixNanos: 1_763_000_000_000_000_000n,
  endUnixNanos: 1_763_000_000_000_000_001n,
})

const twoRecords = [record('00f067aa0ba902b7'), record('00f067aa0ba902b8')]

/**
 * Proves that an exporter keeps the protocol's meaning.
 *
 * @example
 * import { describe, it } from 'node:test'
 * import { runExporterConformance } from 'tracehold/testing'
 *
 * runExporterConformance({ describe, it, open: () => ({ subject: new MyExporter() }) })
 */
export function runExporterConformance({ describe, it, open, name = 'RecordExporter' }: ExporterConformance): void {
  const test = testWith(it, open)
  describe(`${name}: conformance of an exporter`, () => {
    test('exports records', async (exporter) => {
      assert.equal(await exporter.export(twoRecords), 'SUCCESS')
    })

    test('exports nothing', async (exporter) => {
      assert.equal(await exporter.export([]), 'SUCCESS')
    })

    test('flushes, twice', async (exporter) => {
      await exporter.export(twoRecords)
      assert.equal(await exporter.forceFlush(), true)
      assert.equal(await exporter.forceFlush(), true)
    })

    test('shuts down, twice, and unused', async (exporter) => {
      await exporter.shutdown()
      await exporter.shutdown()
    })

    test('answers an export after it was shut down', async (exporter) => {
      await exporter.export(twoRecords)
      await exporter.shutdown()
      const result = await exporter.export(twoRecords)
      assert.ok(result === 'SUCCESS' || result === 'FAILURE', String(result))
      assert.equal(typeof (await exporter.forceFlush()), 'boolean')
    })
  })
}
