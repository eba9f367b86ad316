-- What one process at a time does, and which process that is. Internal.
CREATE TABLE IF NOT EXISTS leases
(
  project_id LowCardinality(String),
  name String CODEC(ZSTD(1)),
  holder String CODEC(ZSTD(1)),
  expires_at DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
  version Int64 CODEC(Delta(8), ZSTD(1))
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (project_id, name);
--> statement-breakpoint
-- What was erased, so that no late row with an older stamp brings it back. Internal.
CREATE TABLE IF NOT EXISTS tombstones
(
  project_id LowCardinality(String),
  entity LowCardinality(String),
  key String CODEC(ZSTD(1)),
  erased_at DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1))
)
ENGINE = ReplacingMergeTree(erased_at)
ORDER BY (project_id, entity, key)
TTL toDateTime(erased_at) + INTERVAL 90 DAY;
