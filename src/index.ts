export type { EventRow, SpanRow, TraceRow } from '../schema/tables.ts'
export type {
  AttributeTypes,
  ContentKeys,
  DroppedCounts,
  Json,
  JsonObject,
  OtelKind,
  Resource,
  Scope,
  SpanKind,
  SpanLink,
  Status,
} from '../schema/values.ts'
export {
  BatchError,
  ConfigError,
  ConnectionError,
  DriverError,
  type ErrorCode,
  type Fault,
  FormatError,
  MigrationError,
  PoolError,
  QueryError,
  type Recovery,
  type RejectedRow,
  StorageError,
  TimeoutError,
  TransactionError,
  ValidationError,
} from './errors.ts'
export { type Migration, shippedMigrations } from './migrations/migration-files.ts'
export { type MigrationReport, type MigrationStatus, Migrator } from './migrations/migrator.ts'
export type { AppliedMigration } from './migrations/target.ts'
export { openPool, type PoolOptions } from './pool/open-pool.ts'
export type { Health, Pool, PoolStats, ReadDatabase } from './pool/pool.ts'
export {
  Analytics,
  type Usage,
  type UsageDimension,
  type UsageGroup,
  usageDimensions,
} from './repositories/analytics.ts'
export type { CommonFilter, OneOf, SpanFilter, TraceFilter } from './repositories/filters.ts'
export type { Page, PageOptions } from './repositories/page.ts'
export type { RepositoryOptions } from './repositories/repository.ts'
export { type Span, SpanRepository, type SpanSummary } from './repositories/span-repository.ts'
export { type SpanWithEvents, type Trace, TraceRepository, type TraceSummary } from './repositories/trace-repository.ts'
export { defaultUrl, openStore, Store, type StoreOptions, type Writers } from './store.ts'
export type { Ack, WriterOptions, WriterStats } from './writers/options.ts'
export type { Instant, NewEvent, NewSpan, NewTrace } from './writers/records.ts'
export type { WriteResult } from './writers/write-call.ts'
export { EventWriter, type ScopedWriterOptions, SpanWriter, TraceWriter } from './writers/writers.ts'
