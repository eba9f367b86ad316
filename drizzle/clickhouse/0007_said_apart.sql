-- What authors say of a trace field by field stays, each call in a row of its own, until it is read together. Whoever saves a
-- trace whole has an empty part, and replaces the one before.
ALTER TABLE authored_traces
  ADD COLUMN IF NOT EXISTS part String CODEC(ZSTD(1)),
  MODIFY ORDER BY (project_id, trace_id, part);
