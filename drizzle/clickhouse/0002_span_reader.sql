-- Which profile read a span's columns from its attributes.
ALTER TABLE spans
  ADD COLUMN IF NOT EXISTS reader LowCardinality(Nullable(String)) CODEC(ZSTD(1));
