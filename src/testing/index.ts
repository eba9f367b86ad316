/** Suites that prove a backend of your own, for vitest, node:test and any runner alike. */
export { type BackendConformance, runBackendConformance } from './backend-conformance.ts'
export { type ExporterConformance, runExporterConformance } from './exporter-conformance.ts'
export { InMemoryClickHouseClient } from './in-memory-clickhouse-client.ts'
export { randomTraces } from './random-traces.ts'
export type { Opened, TestRunner } from './test-runner.ts'
export { runTraceStoreConformance, type TraceStoreConformance } from './trace-store-conformance.ts'
