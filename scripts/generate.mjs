// Generates the migrations of both dialects from schema/. `npm run generate -- --name add_column` names the files.
import { spawnSync } from 'node:child_process'

for (const dialect of ['postgres', 'sqlite']) {
  const { status } = spawnSync('npx', ['drizzle-kit', 'generate', ...process.argv.slice(2)], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
    env: { ...process.env, TRACEHOLD_DIALECT: dialect },
  })
  if (status !== 0) process.exit(status ?? 1)
}
