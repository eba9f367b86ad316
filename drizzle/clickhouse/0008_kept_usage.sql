-- What traces used that retention deleted, by the hour and the usual names. Internal. A row changes once, when its traces are
-- gone and their list goes.
CREATE TABLE IF NOT EXISTS kept_usage
(
  project_id LowCardinality(String),
  batch_id String CODEC(ZSTD(1)),
  ordinal Int32 CODEC(Delta(4), ZSTD(1)),
  hour DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
  kind LowCardinality(Nullable(String)),
  provider LowCardinality(Nullable(String)),
  model LowCardinality(Nullable(String)),
  agent_name LowCardinality(Nullable(String)),
  service_name LowCardinality(Nullable(String)),
  environment LowCardinality(Nullable(String)),
  spans Int64 CODEC(ZSTD(1)),
  errors Int64 CODEC(ZSTD(1)),
  timed Int64 CODEC(ZSTD(1)),
  duration_us Int64 CODEC(ZSTD(1)),
  cost_nanos Int64 CODEC(ZSTD(1)),
  input_tokens Int64 CODEC(ZSTD(1)),
  output_tokens Int64 CODEC(ZSTD(1)),
  total_tokens Int64 CODEC(ZSTD(1)),
  cache_read_tokens Int64 CODEC(ZSTD(1)),
  cache_creation_tokens Int64 CODEC(ZSTD(1)),
  reasoning_tokens Int64 CODEC(ZSTD(1)),
  trace_ids Nullable(String) CODEC(ZSTD(1)),
  horizon Nullable(Int64) CODEC(ZSTD(1)),
  version Int64 CODEC(Delta(8), ZSTD(1))
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (project_id, hour, batch_id, ordinal);
