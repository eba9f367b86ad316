/** Exporters and a span processor for the OpenTelemetry JavaScript SDK: `tracehold/otel`. */
export { TraceholdLogRecordExporter } from './log-record-exporter.ts'
export { type MetricExporterOptions, type TemporalityPreference, TraceholdMetricExporter } from './metric-exporter.ts'
export type { CommonOptions, ExporterOptions, ExportFailure, OnStore, OnUrl } from './options.ts'
export type {
  HrTime,
  ReadableLogRecord,
  ReadableSpan,
  ResourceMetrics,
  ResultCallback,
  SdkExportResult,
} from './sdk.ts'
export { TraceholdSpanExporter } from './span-exporter.ts'
export { type SpanProcessorOptions, TraceholdSpanProcessor } from './span-processor.ts'
export type { ExporterStats } from './stored-exports.ts'
