-- The search reads the words that the writer made of a body that is not all ASCII: the engine knows the capitals of ASCII
-- only, and no words in scripts without spaces.
ALTER TABLE logs
  ADD COLUMN IF NOT EXISTS search_text Nullable(String) CODEC(ZSTD(1));
--> statement-breakpoint
ALTER TABLE logs
  DROP INDEX IF EXISTS logs_body_text;
--> statement-breakpoint
ALTER TABLE logs
  ADD INDEX IF NOT EXISTS logs_search_text lower(ifNull(search_text, ifNull(body_text, ''))) TYPE tokenbf_v1(32768, 3, 0) GRANULARITY 1;
--> statement-breakpoint
ALTER TABLE logs
  MATERIALIZE INDEX logs_search_text;
