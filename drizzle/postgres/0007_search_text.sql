ALTER TABLE "tracehold"."logs" ADD COLUMN "search_text" text COLLATE "C";--> statement-breakpoint
-- The search reads the words that the writer made of a body that is not all ASCII: the languages of servers know other
-- capitals, and no words in scripts without spaces. Bodies that are stored already are found as before.
DROP INDEX "tracehold"."logs_search";--> statement-breakpoint
CREATE INDEX "logs_search" ON "tracehold"."logs" USING gin (to_tsvector('simple'::regconfig, regexp_replace(left(coalesce("search_text", "body_text"), 65536), '[!-/:-@[-`{-~]+', ' ', 'g')));
