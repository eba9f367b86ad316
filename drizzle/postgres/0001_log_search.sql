-- Full-text search of log bodies. drizzle-kit has no words for this index.
-- ASCII punctuation becomes spaces first: the parser would keep user@example.com or -42 as one word, SQLite's does not.
-- A search asks with the same expression (src/dialects/postgres-search.ts), else the index is not used. Text beyond
-- 65536 characters is not searched: a tsvector of more than 1 MB is refused, and with it the whole batch.
CREATE INDEX "logs_search" ON "tracehold"."logs" USING gin (to_tsvector('simple'::regconfig, regexp_replace(left("body_text", 65536), '[!-/:-@[-`{-~]+', ' ', 'g')));
