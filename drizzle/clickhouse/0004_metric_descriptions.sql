-- A name may have several descriptions: of services that give it another unit, say. Each is a row, by its key.
ALTER TABLE metrics
  ADD COLUMN IF NOT EXISTS description_id String CODEC(ZSTD(1)),
  MODIFY ORDER BY (project_id, name, description_id);
--> statement-breakpoint
ALTER TABLE metric_points
  ADD COLUMN IF NOT EXISTS description_id LowCardinality(Nullable(String)) CODEC(ZSTD(1));
