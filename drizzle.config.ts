import { defineConfig } from 'drizzle-kit'

const sqlite = process.env.TRACEHOLD_DIALECT === 'sqlite'

export default defineConfig({
  dialect: sqlite ? 'sqlite' : 'postgresql',
  schema: sqlite ? './schema/sqlite.ts' : './schema/postgres.ts',
  out: sqlite ? './drizzle/sqlite' : './drizzle/postgres',
})
