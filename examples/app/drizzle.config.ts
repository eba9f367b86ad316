import { defineConfig } from 'drizzle-kit'

// drizzle-kit generates the app's tables and tracehold's in one history:
//   APP_DIALECT=sqlite npx drizzle-kit generate --config examples/app/drizzle.config.ts
// `tracehold migrate --baseline` then tells tracehold that its tables are there.
const sqlite = process.env.APP_DIALECT === 'sqlite'

export default defineConfig({
  dialect: sqlite ? 'sqlite' : 'postgresql',
  schema: sqlite ? './examples/app/sqlite.ts' : './examples/app/postgres.ts',
  out: process.env.APP_MIGRATIONS ?? `./build/app-migrations/${sqlite ? 'sqlite' : 'postgres'}`,
})
