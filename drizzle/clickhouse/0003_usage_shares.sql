-- What counts of a span's usage beside what it reports, and when the author of a trace said each field.
ALTER TABLE spans
  ADD COLUMN IF NOT EXISTS input_share Nullable(Int64) CODEC(ZSTD(1)),
  ADD COLUMN IF NOT EXISTS output_share Nullable(Int64) CODEC(ZSTD(1)),
  ADD COLUMN IF NOT EXISTS total_share Nullable(Int64) CODEC(ZSTD(1)),
  ADD COLUMN IF NOT EXISTS cache_read_share Nullable(Int64) CODEC(ZSTD(1)),
  ADD COLUMN IF NOT EXISTS cache_creation_share Nullable(Int64) CODEC(ZSTD(1)),
  ADD COLUMN IF NOT EXISTS reasoning_share Nullable(Int64) CODEC(ZSTD(1)),
  ADD COLUMN IF NOT EXISTS cost_share Nullable(Float64) CODEC(ZSTD(1)),
  ADD COLUMN IF NOT EXISTS call_share Nullable(Int32) CODEC(ZSTD(1)),
  ADD COLUMN IF NOT EXISTS usage_below Nullable(String) CODEC(ZSTD(1));
--> statement-breakpoint
ALTER TABLE authored_traces
  ADD COLUMN IF NOT EXISTS authored_stamps Nullable(String) CODEC(ZSTD(1));
--> statement-breakpoint
ALTER TABLE traces
  ADD COLUMN IF NOT EXISTS authored_stamps Nullable(String) CODEC(ZSTD(1)),
  ADD COLUMN IF NOT EXISTS derived Nullable(String) CODEC(ZSTD(1));
