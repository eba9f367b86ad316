CREATE TABLE IF NOT EXISTS agentforge_records
(
    run_id String,
    trace_id String,
    parent_run_id Nullable(String),
    context_id Nullable(String),
    kind LowCardinality(String),
    op LowCardinality(String),
    agent_name LowCardinality(String),
    agent_version Nullable(String),
    provider LowCardinality(Nullable(String)),
    model LowCardinality(Nullable(String)),
    tool_name Nullable(String),
    mcp_server Nullable(String),
    mcp_method LowCardinality(Nullable(String)),
    input_tokens Nullable(UInt32),
    output_tokens Nullable(UInt32),
    cache_read_tokens Nullable(UInt32),
    cache_creation_tokens Nullable(UInt32),
    reasoning_tokens Nullable(UInt32),
    total_tokens Nullable(UInt32),
    cost_usd Nullable(Float64),
    status LowCardinality(String),
    error_type Nullable(String),
    start_time DateTime64(9),
    end_time Nullable(DateTime64(9)),
    duration_ms Nullable(Float64),
    metadata JSON
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(start_time)
ORDER BY (trace_id, start_time, run_id)
SETTINGS non_replicated_deduplication_window = 10000;
