ALTER TABLE `tracehold_logs` ADD `search_text` text;--> statement-breakpoint
-- The search reads the words that the writer made of a body that is not all ASCII: FTS5 knows no words in scripts without
-- spaces, and of some capitals no small letters. They are in small, with a space between, so that only ASCII separates.
-- The index keeps no text, and takes the number of a row alone to forget it.
DROP TRIGGER `tracehold_logs_search_insert`;--> statement-breakpoint
DROP TRIGGER `tracehold_logs_search_delete`;--> statement-breakpoint
DROP TRIGGER `tracehold_logs_search_remove`;--> statement-breakpoint
DROP TRIGGER `tracehold_logs_search_add`;--> statement-breakpoint
DROP TABLE `tracehold_logs_search`;--> statement-breakpoint
CREATE VIRTUAL TABLE `tracehold_logs_search` USING fts5(text, content='', contentless_delete=1, tokenize='ascii');
--> statement-breakpoint
INSERT INTO `tracehold_logs_search` (rowid, text) SELECT row_number, substr(coalesce(logs.search_text, logs.body_text), 1, 65536) FROM `tracehold_logs` AS logs WHERE body_text IS NOT NULL;
--> statement-breakpoint
CREATE TRIGGER `tracehold_logs_search_insert` AFTER INSERT ON `tracehold_logs` WHEN new.body_text IS NOT NULL BEGIN
  INSERT INTO `tracehold_logs_search` (rowid, text) VALUES (new.row_number, substr(coalesce(new.search_text, new.body_text), 1, 65536));
END;
--> statement-breakpoint
CREATE TRIGGER `tracehold_logs_search_delete` AFTER DELETE ON `tracehold_logs` WHEN old.body_text IS NOT NULL BEGIN
  DELETE FROM `tracehold_logs_search` WHERE rowid = old.row_number;
END;
--> statement-breakpoint
CREATE TRIGGER `tracehold_logs_search_update` AFTER UPDATE OF body_text, search_text ON `tracehold_logs` WHEN coalesce(new.search_text, new.body_text) IS NOT coalesce(old.search_text, old.body_text) BEGIN
  DELETE FROM `tracehold_logs_search` WHERE rowid = old.row_number;
  INSERT INTO `tracehold_logs_search` (rowid, text) SELECT new.row_number, substr(coalesce(new.search_text, new.body_text), 1, 65536) WHERE new.body_text IS NOT NULL;
END;
