-- Ordered by the hour of the start, so that every question about a range of time reads little; a trace is found by its
-- bloom filter. The month follows from the key, so that versions of a row are in one partition. A span that is written
-- again with a start in another hour is another row.
CREATE TABLE IF NOT EXISTS spans
(
  project_id LowCardinality(String),
  trace_id String CODEC(ZSTD(1)),
  span_id String CODEC(ZSTD(1)),
  parent_span_id Nullable(String) CODEC(ZSTD(1)),
  name LowCardinality(String),
  kind LowCardinality(String),
  operation LowCardinality(Nullable(String)),
  status LowCardinality(String),
  status_message Nullable(String) CODEC(ZSTD(1)),
  error_type LowCardinality(Nullable(String)),
  start_time DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
  end_time Nullable(DateTime64(6, 'UTC')) CODEC(Delta(8), ZSTD(1)),
  duration_ms Nullable(Float64) CODEC(ZSTD(1)),
  sequence Nullable(Int32) CODEC(ZSTD(1)),
  provider LowCardinality(Nullable(String)),
  model LowCardinality(Nullable(String)),
  request_model LowCardinality(Nullable(String)),
  response_id Nullable(String) CODEC(ZSTD(1)),
  finish_reasons Nullable(String) CODEC(ZSTD(1)),
  input_tokens Nullable(Int64) CODEC(ZSTD(1)),
  output_tokens Nullable(Int64) CODEC(ZSTD(1)),
  total_tokens Nullable(Int64) CODEC(ZSTD(1)),
  cache_read_tokens Nullable(Int64) CODEC(ZSTD(1)),
  cache_creation_tokens Nullable(Int64) CODEC(ZSTD(1)),
  reasoning_tokens Nullable(Int64) CODEC(ZSTD(1)),
  cost_usd Nullable(Float64) CODEC(ZSTD(1)),
  time_to_first_chunk_ms Nullable(Float64) CODEC(ZSTD(1)),
  tool_name LowCardinality(Nullable(String)),
  tool_type LowCardinality(Nullable(String)),
  tool_call_id Nullable(String) CODEC(ZSTD(1)),
  mcp_method LowCardinality(Nullable(String)),
  mcp_server LowCardinality(Nullable(String)),
  mcp_session_id Nullable(String) CODEC(ZSTD(1)),
  session_id Nullable(String) CODEC(ZSTD(1)),
  user_id Nullable(String) CODEC(ZSTD(1)),
  service_name LowCardinality(Nullable(String)),
  environment LowCardinality(Nullable(String)),
  agent_id Nullable(String) CODEC(ZSTD(1)),
  agent_name LowCardinality(Nullable(String)),
  agent_version LowCardinality(Nullable(String)),
  workflow_name LowCardinality(Nullable(String)),
  otel_kind LowCardinality(Nullable(String)),
  trace_state Nullable(String) CODEC(ZSTD(1)),
  flags Nullable(Int64) CODEC(ZSTD(1)),
  tags Nullable(String) CODEC(ZSTD(1)),
  input Nullable(String) CODEC(ZSTD(1)),
  output Nullable(String) CODEC(ZSTD(1)),
  content_keys Nullable(String) CODEC(ZSTD(1)),
  attributes String CODEC(ZSTD(1)),
  attribute_types Nullable(String) CODEC(ZSTD(1)),
  resource Nullable(String) CODEC(ZSTD(1)),
  scope Nullable(String) CODEC(ZSTD(1)),
  links Nullable(String) CODEC(ZSTD(1)),
  dropped Nullable(String) CODEC(ZSTD(1)),
  written_at DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
  commit_seq Int64 DEFAULT toUnixTimestamp64Micro(now64(6)) CODEC(Delta(8), ZSTD(1)),
  INDEX spans_trace_id trace_id TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX spans_session_id session_id TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX spans_user_id user_id TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX spans_written_at written_at TYPE minmax GRANULARITY 1,
  INDEX spans_commit_seq commit_seq TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(written_at)
PARTITION BY toYYYYMM(start_time)
ORDER BY (project_id, toStartOfHour(start_time), trace_id, span_id)
SETTINGS non_replicated_deduplication_window = 1000, ttl_only_drop_parts = 1;
--> statement-breakpoint
-- What authors said of traces: the higher stamp wins, whatever is worked out from spans meanwhile. Internal.
CREATE TABLE IF NOT EXISTS authored_traces
(
  project_id LowCardinality(String),
  trace_id String CODEC(ZSTD(1)),
  tags Nullable(String) CODEC(ZSTD(1)),
  metadata Nullable(String) CODEC(ZSTD(1)),
  resource Nullable(String) CODEC(ZSTD(1)),
  input Nullable(String) CODEC(ZSTD(1)),
  output Nullable(String) CODEC(ZSTD(1)),
  authored Nullable(String) CODEC(ZSTD(1)),
  document Nullable(String) CODEC(ZSTD(1)),
  written_at DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
  INDEX authored_traces_written_at written_at TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(written_at)
ORDER BY (project_id, trace_id)
SETTINGS non_replicated_deduplication_window = 1000, index_granularity = 1024;
--> statement-breakpoint
-- Between which instants the spans of a trace start: where the writers look for them. Repetition changes nothing, and
-- too wide a range does no harm. Internal.
CREATE TABLE IF NOT EXISTS trace_times
(
  project_id LowCardinality(String),
  trace_id String CODEC(ZSTD(1)),
  first_start SimpleAggregateFunction(min, DateTime64(6, 'UTC')) CODEC(Delta(8), ZSTD(1)),
  last_start SimpleAggregateFunction(max, DateTime64(6, 'UTC')) CODEC(Delta(8), ZSTD(1))
)
ENGINE = AggregatingMergeTree
ORDER BY (project_id, trace_id)
SETTINGS index_granularity = 256;
--> statement-breakpoint
-- Made by the writers from spans and authored_traces, never by hand: the row that was worked out last wins. One trace
-- is one key whatever its start, since its start may move as spans come. The version is an instant before the working-out
-- looked at anything, and internal; commit_seq is one within the insert, as everywhere, for those who follow.
CREATE TABLE IF NOT EXISTS traces
(
  project_id LowCardinality(String),
  trace_id String CODEC(ZSTD(1)),
  name LowCardinality(Nullable(String)),
  run_id Nullable(String) CODEC(ZSTD(1)),
  parent_run_id Nullable(String) CODEC(ZSTD(1)),
  session_id Nullable(String) CODEC(ZSTD(1)),
  user_id Nullable(String) CODEC(ZSTD(1)),
  service_name LowCardinality(Nullable(String)),
  agent_name LowCardinality(Nullable(String)),
  agent_version LowCardinality(Nullable(String)),
  environment LowCardinality(Nullable(String)),
  provider LowCardinality(Nullable(String)),
  model LowCardinality(Nullable(String)),
  status LowCardinality(String),
  status_message Nullable(String) CODEC(ZSTD(1)),
  start_time DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
  end_time Nullable(DateTime64(6, 'UTC')) CODEC(Delta(8), ZSTD(1)),
  duration_ms Nullable(Float64) CODEC(ZSTD(1)),
  span_count Int32 CODEC(ZSTD(1)),
  error_count Int32 CODEC(ZSTD(1)),
  llm_call_count Int32 CODEC(ZSTD(1)),
  tool_call_count Int32 CODEC(ZSTD(1)),
  step_count Int32 CODEC(ZSTD(1)),
  steps_duration_ms Float64 CODEC(ZSTD(1)),
  input_tokens Nullable(Int64) CODEC(ZSTD(1)),
  output_tokens Nullable(Int64) CODEC(ZSTD(1)),
  total_tokens Nullable(Int64) CODEC(ZSTD(1)),
  cache_read_tokens Nullable(Int64) CODEC(ZSTD(1)),
  cache_creation_tokens Nullable(Int64) CODEC(ZSTD(1)),
  reasoning_tokens Nullable(Int64) CODEC(ZSTD(1)),
  cost_usd Nullable(Float64) CODEC(ZSTD(1)),
  tags Nullable(String) CODEC(ZSTD(1)),
  metadata Nullable(String) CODEC(ZSTD(1)),
  resource Nullable(String) CODEC(ZSTD(1)),
  input Nullable(String) CODEC(ZSTD(1)),
  output Nullable(String) CODEC(ZSTD(1)),
  authored Nullable(String) CODEC(ZSTD(1)),
  document Nullable(String) CODEC(ZSTD(1)),
  created_at DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
  updated_at DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
  written_at DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
  commit_seq Int64 DEFAULT toUnixTimestamp64Micro(now64(6)) CODEC(Delta(8), ZSTD(1)),
  version Int64 CODEC(Delta(8), ZSTD(1))
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (project_id, trace_id);
--> statement-breakpoint
-- As spans: an event that is written again with a time in another hour is another row.
CREATE TABLE IF NOT EXISTS events
(
  project_id LowCardinality(String),
  trace_id String CODEC(ZSTD(1)),
  span_id String CODEC(ZSTD(1)),
  ordinal Int32 CODEC(ZSTD(1)),
  name LowCardinality(String),
  time DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
  attributes String CODEC(ZSTD(1)),
  attribute_types Nullable(String) CODEC(ZSTD(1)),
  dropped_attributes_count Nullable(Int64) CODEC(ZSTD(1)),
  written_at DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
  commit_seq Int64 DEFAULT toUnixTimestamp64Micro(now64(6)) CODEC(Delta(8), ZSTD(1)),
  INDEX events_trace_id trace_id TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX events_written_at written_at TYPE minmax GRANULARITY 1,
  INDEX events_commit_seq commit_seq TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(written_at)
PARTITION BY toYYYYMM(time)
ORDER BY (project_id, toStartOfHour(time), trace_id, span_id, ordinal)
SETTINGS non_replicated_deduplication_window = 1000, ttl_only_drop_parts = 1;
--> statement-breakpoint
-- Few, compared with spans: the key is the id alone, and a rewrite may change everything else.
CREATE TABLE IF NOT EXISTS results
(
  project_id LowCardinality(String),
  result_id String CODEC(ZSTD(1)),
  kind LowCardinality(String),
  name LowCardinality(String),
  suite LowCardinality(Nullable(String)),
  run_id Nullable(String) CODEC(ZSTD(1)),
  status LowCardinality(Nullable(String)),
  score Nullable(Float64) CODEC(ZSTD(1)),
  label LowCardinality(Nullable(String)),
  explanation Nullable(String) CODEC(ZSTD(1)),
  evaluator LowCardinality(Nullable(String)),
  error_type LowCardinality(Nullable(String)),
  error_message Nullable(String) CODEC(ZSTD(1)),
  time DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
  duration_ms Nullable(Float64) CODEC(ZSTD(1)),
  trace_id Nullable(String) CODEC(ZSTD(1)),
  span_id Nullable(String) CODEC(ZSTD(1)),
  response_id Nullable(String) CODEC(ZSTD(1)),
  service_name LowCardinality(Nullable(String)),
  agent_name LowCardinality(Nullable(String)),
  environment LowCardinality(Nullable(String)),
  evaluations Nullable(String) CODEC(ZSTD(1)),
  assertions Nullable(String) CODEC(ZSTD(1)),
  tags Nullable(String) CODEC(ZSTD(1)),
  metadata Nullable(String) CODEC(ZSTD(1)),
  document Nullable(String) CODEC(ZSTD(1)),
  attributes Nullable(String) CODEC(ZSTD(1)),
  attribute_types Nullable(String) CODEC(ZSTD(1)),
  written_at DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
  commit_seq Int64 DEFAULT toUnixTimestamp64Micro(now64(6)) CODEC(Delta(8), ZSTD(1)),
  INDEX results_trace_id trace_id TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = ReplacingMergeTree(written_at)
ORDER BY (project_id, result_id)
SETTINGS non_replicated_deduplication_window = 1000;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS metrics
(
  project_id LowCardinality(String),
  name String CODEC(ZSTD(1)),
  type LowCardinality(String),
  category LowCardinality(Nullable(String)),
  unit LowCardinality(Nullable(String)),
  description Nullable(String) CODEC(ZSTD(1)),
  lower_is_better Nullable(Bool),
  is_monotonic Nullable(Bool),
  temporality LowCardinality(Nullable(String)),
  service_name LowCardinality(Nullable(String)),
  metadata Nullable(String) CODEC(ZSTD(1)),
  attribute_types Nullable(String) CODEC(ZSTD(1)),
  written_at DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
  commit_seq Int64 DEFAULT toUnixTimestamp64Micro(now64(6)) CODEC(Delta(8), ZSTD(1))
)
ENGINE = ReplacingMergeTree(written_at)
ORDER BY (project_id, name)
SETTINGS non_replicated_deduplication_window = 1000;
--> statement-breakpoint
-- Every question names a metric and a range of time.
CREATE TABLE IF NOT EXISTS metric_points
(
  project_id LowCardinality(String),
  point_id String CODEC(ZSTD(1)),
  metric_name LowCardinality(String),
  type LowCardinality(String),
  time DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
  start_time Nullable(DateTime64(6, 'UTC')) CODEC(Delta(8), ZSTD(1)),
  temporality LowCardinality(Nullable(String)),
  is_monotonic Nullable(Bool),
  value Nullable(Float64) CODEC(ZSTD(1)),
  exact_value Nullable(String) CODEC(ZSTD(1)),
  count Nullable(Int64) CODEC(ZSTD(1)),
  sum Nullable(Float64) CODEC(ZSTD(1)),
  min Nullable(Float64) CODEC(ZSTD(1)),
  max Nullable(Float64) CODEC(ZSTD(1)),
  buckets Nullable(String) CODEC(ZSTD(1)),
  quantiles Nullable(String) CODEC(ZSTD(1)),
  exemplars Nullable(String) CODEC(ZSTD(1)),
  flags Nullable(Int64) CODEC(ZSTD(1)),
  service_name LowCardinality(Nullable(String)),
  environment LowCardinality(Nullable(String)),
  tags Nullable(String) CODEC(ZSTD(1)),
  metadata Nullable(String) CODEC(ZSTD(1)),
  attributes String CODEC(ZSTD(1)),
  attribute_types Nullable(String) CODEC(ZSTD(1)),
  document Nullable(String) CODEC(ZSTD(1)),
  resource Nullable(String) CODEC(ZSTD(1)),
  scope Nullable(String) CODEC(ZSTD(1)),
  written_at DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
  commit_seq Int64 DEFAULT toUnixTimestamp64Micro(now64(6)) CODEC(Delta(8), ZSTD(1)),
  INDEX metric_points_point_id point_id TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX metric_points_written_at written_at TYPE minmax GRANULARITY 1,
  INDEX metric_points_commit_seq commit_seq TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(written_at)
PARTITION BY toYYYYMM(time)
ORDER BY (project_id, metric_name, toStartOfHour(time), point_id)
SETTINGS non_replicated_deduplication_window = 1000, ttl_only_drop_parts = 1;
--> statement-breakpoint
-- As spans. The words of the body are found by the bloom filter of its tokens.
CREATE TABLE IF NOT EXISTS logs
(
  project_id LowCardinality(String),
  log_id String CODEC(ZSTD(1)),
  row_number Int32 DEFAULT 0 CODEC(ZSTD(1)),
  time DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
  observed_time Nullable(DateTime64(6, 'UTC')) CODEC(Delta(8), ZSTD(1)),
  severity Nullable(Int32) CODEC(ZSTD(1)),
  severity_text LowCardinality(Nullable(String)),
  body_text Nullable(String) CODEC(ZSTD(1)),
  body Nullable(String) CODEC(ZSTD(1)),
  event_name LowCardinality(Nullable(String)),
  trace_id Nullable(String) CODEC(ZSTD(1)),
  span_id Nullable(String) CODEC(ZSTD(1)),
  flags Nullable(Int64) CODEC(ZSTD(1)),
  service_name LowCardinality(Nullable(String)),
  environment LowCardinality(Nullable(String)),
  attributes String CODEC(ZSTD(1)),
  attribute_types Nullable(String) CODEC(ZSTD(1)),
  dropped_attributes_count Nullable(Int64) CODEC(ZSTD(1)),
  resource Nullable(String) CODEC(ZSTD(1)),
  scope Nullable(String) CODEC(ZSTD(1)),
  written_at DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
  commit_seq Int64 DEFAULT toUnixTimestamp64Micro(now64(6)) CODEC(Delta(8), ZSTD(1)),
  INDEX logs_log_id log_id TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX logs_trace_id trace_id TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX logs_written_at written_at TYPE minmax GRANULARITY 1,
  INDEX logs_commit_seq commit_seq TYPE minmax GRANULARITY 1,
  INDEX logs_body_text lower(ifNull(body_text, '')) TYPE tokenbf_v1(32768, 3, 0) GRANULARITY 1
)
ENGINE = ReplacingMergeTree(written_at)
PARTITION BY toYYYYMM(time)
ORDER BY (project_id, toStartOfHour(time), log_id)
SETTINGS non_replicated_deduplication_window = 1000, ttl_only_drop_parts = 1;
