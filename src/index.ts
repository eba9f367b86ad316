export type {
  EventRow,
  LogRow,
  MetricPointRow,
  MetricRow,
  ResultRow,
  SpanRow,
  TraceRow,
} from '../schema/tables.ts'
export type {
  Assertion,
  AttributeTypes,
  Buckets,
  ContentKeys,
  DroppedCounts,
  Evaluation,
  Exemplar,
  ExponentialCounts,
  Json,
  JsonObject,
  MetricCategory,
  MetricType,
  OtelKind,
  Quantile,
  Resource,
  ResultKind,
  ResultStatus,
  Scope,
  SpanKind,
  SpanLink,
  Status,
  Temporality,
} from '../schema/values.ts'
export type { CacheOptions } from './cache/options.ts'
export { type CacheStats, ReadCache } from './cache/read-cache.ts'
export type { Config, ConfigLocation, ConfigOptions } from './config/config.ts'
export { loadConfig } from './config/load-config.ts'
export { defaultUrl } from './config/schema.ts'
export { type Comparison, compareStores, type TableComparison } from './copy/compare.ts'
export { type CopyReport, copyStore } from './copy/copy-store.ts'
export type { CopyOptions, CopyProgress, SyncOptions, SyncProgress } from './copy/options.ts'
export { type SyncReport, syncStores } from './copy/sync-stores.ts'
export { type Check, diagnose } from './doctor/diagnose.ts'
export { DriverError } from './driver-errors/driver-error.ts'
export { backupDatabase, restoreDatabase, shrinkDatabase } from './engines/backup.ts'
export { type ClickHouseClusterOptions, clickhouseClusterStatements } from './engines/clickhouse/cluster.ts'
export type { CommitOrder, CommitPoint } from './engines/commit-order.ts'
export type { RetryOptions } from './engines/connect-retry.ts'
export type { FlushOptions } from './engines/deadline.ts'
export { type BucketUnit, bucketUnits } from './engines/dialect.ts'
export type { BackupOptions, BackupReport, RestoreOptions, ShrinkReport } from './engines/engine.ts'
export type { CheckResult, HealthCheck, HealthStatus } from './engines/health.ts'
export { type Migration, shippedMigrations } from './engines/migration-files.ts'
export type { AppliedMigration } from './engines/migration-target.ts'
export { openPool, type PoolOptions } from './engines/open-pool.ts'
export type { Health, Pool, PoolStats, ReadDatabase } from './engines/pool.ts'
export type { TlsMode, TlsOptions } from './engines/tls.ts'
export {
  BatchError,
  BusyError,
  ConfigError,
  ConnectionError,
  type ErrorCode,
  type Fault,
  FormatError,
  LossError,
  MigrationError,
  PoolError,
  QueryError,
  type Recovery,
  RedisError,
  type RejectedRow,
  RestoredError,
  StorageError,
  TimeoutError,
  TransactionError,
  ValidationError,
} from './errors.ts'
export {
  type ExportedPiece,
  type ExportFormat,
  type ExportOptions,
  exportDocuments,
  exportFormats,
} from './export/export-documents.ts'
export { adaptClickHouseClient } from './exporters/adapt-clickhouse-client.ts'
export type { ClickHouseRecordClient, InsertCall } from './exporters/clickhouse-client.ts'
export { ClickHouseExporter } from './exporters/clickhouse-exporter.ts'
export {
  COLUMNS,
  COLUMNS_WITH_SPAN,
  createRecordTable,
  type RecordColumn,
  type RecordTableOptions,
} from './exporters/columns.ts'
export { createExporter, createExporters, exporterNames } from './exporters/create-exporter.ts'
export type { ExportResult, RecordExporter } from './exporters/exporter.ts'
export type { ClickHouseExporterOptions } from './exporters/options.ts'
export type {
  AgentRecord,
  RecordError,
  RecordKind,
  RecordLlm,
  RecordMcp,
  RecordStatus,
  RecordTool,
  RecordUsage,
} from './exporters/record.ts'
export {
  type ModelLatency,
  RecordAnalytics,
  type RecordRange,
  type TeamSpend,
  type WorkflowTokens,
} from './exporters/record-analytics.ts'
export { type RecordFromSpanOptions, recordFromSpan, recordsFromTrace } from './exporters/record-from-span.ts'
export type { RecordCell, RecordRow } from './exporters/record-row.ts'
export type {
  DataPart,
  FilePart,
  Message,
  MessagePart,
  SpanMessages,
  TextPart,
  ToolCallPart,
  ToolResultPart,
} from './formats/messages/message.ts'
export { type MessageContext, type MessageSource, messagesOf } from './formats/messages/messages-of.ts'
export { type OtlpLogRecord, type OtlpLogsDocument, writeOtlpLogs } from './formats/otlp/logs-write.ts'
export { type OtlpMetric, type OtlpMetricsDocument, writeOtlpMetrics } from './formats/otlp/metrics-write.ts'
export { type ImportOptions, importDocuments } from './import/import-documents.ts'
export type { ImportProgress, ImportReport } from './import/import-report.ts'
export { sqliteDocuments } from './import/sqlite-documents.ts'
export type { ImportRejection } from './ingest/rejection.ts'
export type { Age } from './lifecycle/age.ts'
export type { ArchiveOptions, ArchiveReport } from './lifecycle/archive.ts'
export type { ArchivePart } from './lifecycle/archive-parts.ts'
export type { ArchiveTarget } from './lifecycle/archive-target.ts'
export type { DeletableEntity, DeleteOptions } from './lifecycle/delete-matching.ts'
export type { EraseOptions, EraseReport } from './lifecycle/erase.ts'
export type { MeasuredRows } from './lifecycle/measure-expired.ts'
export type { EraseTarget } from './lifecycle/person.ts'
export type { PrunedRows, PruneOptions, PruneReport } from './lifecycle/prune.ts'
export type { RetentionPolicy } from './lifecycle/retention-policy.ts'
export type { Subscribed, SubscribeOptions, WrittenBatch } from './live/subscribe.ts'
export { type MigrationReport, type MigrationStatus, Migrator } from './migrations/migrator.ts'
export { type RedisOptions, RedisPool } from './redis/redis-pool.ts'
export {
  Analytics,
  type Group,
  type GroupOptions,
  type Latency,
  type RunDimension,
  type Runs,
  type Statistics,
  type Usage,
  type UsageDimension,
  type UsageGroup,
  type UsageMeasure,
  type UsageOptions,
  usageDimensions,
  usageMeasures,
} from './repositories/analytics/analytics.ts'
export type { EntityName, FilterOf, OrderOf } from './repositories/entities/entities.ts'
export type { EventFilter } from './repositories/entities/events.ts'
export type { LogFilter, LogOrder } from './repositories/entities/logs.ts'
export type { MetricFilter, MetricOrder, PointFilter, PointOrder } from './repositories/entities/metrics.ts'
export type { ResultFilter, ResultOrder } from './repositories/entities/results.ts'
export type { SpanFilter, SpanOrder, TraceFilter, TraceOrder } from './repositories/entities/traces-and-spans.ts'
export type {
  CombinedFilter,
  ContentMatch,
  JsonPredicate,
  NumberMatch,
  OneOf,
  Range,
  TagsMatch,
  TextMatch,
  TimeFilter,
} from './repositories/filters/match.ts'
export type { FollowBatch, Followed, FollowOptions } from './repositories/follow.ts'
export { type LogLevel, logLevelOf, logLevels } from './repositories/log-levels.ts'
export { type LogRate, LogRepository } from './repositories/log-repository.ts'
export type { Log, LogSummary } from './repositories/log-rows.ts'
export type { LogDimension, LogStatistics } from './repositories/log-statistics.ts'
export type { MetricAggregate, PointDimension } from './repositories/metric-aggregate.ts'
export { builtInMetrics } from './repositories/metric-built-in.ts'
export { type HistogramPercentiles, type MetricComparison, MetricRepository } from './repositories/metric-repository.ts'
export type { Metric, MetricPoint, MetricPointSummary } from './repositories/metric-rows.ts'
export type { SeriesValue } from './repositories/metric-series.ts'
export type { Direction, OrderOptions } from './repositories/order.ts'
export type { Page, PageOptions, StreamOptions } from './repositories/page.ts'
export type { RepositoryOptions } from './repositories/repository.ts'
export type { ComparedTest, Outcome, RunComparison, RunSummary } from './repositories/result-comparison.ts'
export { type FlakyTest, ResultRepository } from './repositories/result-repository.ts'
export type { Result, ResultSummary } from './repositories/result-rows.ts'
export type { ResultDimension, ResultStatistics } from './repositories/result-statistics.ts'
export { SessionRepository } from './repositories/session-repository.ts'
export type { Session, SessionOrder } from './repositories/session-sums.ts'
export { SpanRepository } from './repositories/span-repository.ts'
export type { Span, SpanNode, SpanSummary } from './repositories/span-rows.ts'
export type { TailOptions } from './repositories/tail.ts'
export type { TraceRecords, TraceRecordsOptions } from './repositories/trace-records.ts'
export { type GetTraceOptions, TraceRepository } from './repositories/trace-repository.ts'
export type { SpanEvent, SpanWithEvents, Trace, TraceAlone, TraceSummary } from './repositories/trace-rows.ts'
export { type RolesOptions, rolesSql } from './roles/roles-sql.ts'
export type {
  Instant,
  NewEvent,
  NewLog,
  NewMetric,
  NewMetricPoint,
  NewResult,
  NewRun,
  NewSpan,
  NewTrace,
  SpanRecord,
  TraceRecord,
} from './rows/records.ts'
export type { CloseOnSignals } from './store/close-on-signals.ts'
export type { DatabaseSize, SizeOptions } from './store/database-size.ts'
export type { HealthReport, HealthReportOptions } from './store/health-report.ts'
export { openStore } from './store/open-store.ts'
export type { RebuildOptions, RebuildReport, TraceDifference } from './store/rebuild-traces.ts'
export { Store, type StoreOptions } from './store/store.ts'
export { type ServiceOptions, StoreServices } from './store/store-services.ts'
export {
  type ChatMessage,
  type LlmInput,
  type LlmOutput,
  type LlmSpan,
  type TokenUsage,
  writeLlmSpan,
} from './store/write-llm-span.ts'
export {
  type AgentprobeMetricValue,
  type AgentprobeResult,
  AgentprobeStorage,
} from './trace-store/agentprobe-storage.ts'
export { DatabaseTraceStore } from './trace-store/database.ts'
export {
  type AgentprobeTrace,
  type AgentTrace,
  exportTraces,
  InMemoryTraceStore,
  type InMemoryTraceStoreOptions,
  importTraces,
  isTraceStore,
  type JsonlStats,
  JsonlTraceStore,
  llmDurationMs,
  type SavedTrace,
  type SaveOnRunEndOptions,
  type StepType,
  saveOnRunEnd,
  stepTypes,
  type TraceArchive,
  type TraceFilter as TraceStoreFilter,
  type TraceImport,
  type TraceLine,
  type TraceStep,
  type TraceStore,
  type TraceSummary as TraceStoreSummary,
  toolDurationMs,
  totalDurationMs,
} from './trace-store/index.ts'
export type { Writers } from './writers/create-writers.ts'
export type { Ack, WriteFailure, WriterOptions, WriterStats } from './writers/options.ts'
export { RunWriter, type SaveRunsOptions } from './writers/run-writer.ts'
export { dropContent } from './writers/transforms/drop-content.ts'
export { type RedactOptions, redact } from './writers/transforms/redact.ts'
export { type SampleOptions, sample } from './writers/transforms/sample.ts'
export type { AnyRecord, Transform } from './writers/transforms/transform.ts'
export type { WriteResult } from './writers/write-call.ts'
export {
  EventWriter,
  LogWriter,
  MetricPointWriter,
  MetricWriter,
  ResultWriter,
  type ScopedWriterOptions,
  SpanWriter,
  TraceWriter,
} from './writers/writers.ts'
