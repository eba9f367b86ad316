/** Where the applied migrations are noted. */
export const migrationsTable = `create table if not exists tracehold.migrations (
  version integer primary key, name text not null, sha256 text not null, applied_at timestamptz not null default now()
)`
