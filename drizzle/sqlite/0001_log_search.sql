-- Full-text search of log bodies, by an index that keeps no text of its own: it reads tracehold_logs by row number.
-- The tokenizer splits at everything but letters and digits, and keeps accents, as PostgreSQL's search does.
CREATE VIRTUAL TABLE `tracehold_logs_search` USING fts5(body_text, content='tracehold_logs', content_rowid='row_number', tokenize='unicode61 remove_diacritics 0');
--> statement-breakpoint
CREATE TRIGGER `tracehold_logs_search_insert` AFTER INSERT ON `tracehold_logs` WHEN new.body_text IS NOT NULL BEGIN
  INSERT INTO `tracehold_logs_search` (rowid, body_text) VALUES (new.row_number, substr(new.body_text, 1, 65536));
END;
--> statement-breakpoint
CREATE TRIGGER `tracehold_logs_search_delete` AFTER DELETE ON `tracehold_logs` WHEN old.body_text IS NOT NULL BEGIN
  INSERT INTO `tracehold_logs_search` (`tracehold_logs_search`, rowid, body_text) VALUES ('delete', old.row_number, substr(old.body_text, 1, 65536));
END;
--> statement-breakpoint
CREATE TRIGGER `tracehold_logs_search_remove` AFTER UPDATE OF body_text ON `tracehold_logs` WHEN old.body_text IS NOT NULL AND new.body_text IS NOT old.body_text BEGIN
  INSERT INTO `tracehold_logs_search` (`tracehold_logs_search`, rowid, body_text) VALUES ('delete', old.row_number, substr(old.body_text, 1, 65536));
END;
--> statement-breakpoint
CREATE TRIGGER `tracehold_logs_search_add` AFTER UPDATE OF body_text ON `tracehold_logs` WHEN new.body_text IS NOT NULL AND new.body_text IS NOT old.body_text BEGIN
  INSERT INTO `tracehold_logs_search` (rowid, body_text) VALUES (new.row_number, substr(new.body_text, 1, 65536));
END;
