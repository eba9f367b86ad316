// `npm run bench`: installs and builds what it needs, then measures. See docs/performance.md.
import { cp } from 'node:fs/promises'
import { ensureInstalled } from './ensure-installed.mjs'
import { run } from './processes.mjs'

await ensureInstalled()
const built = await run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.bench.json'])
if (built !== 0) process.exit(built)
// Migrations are read beside the sources.
await cp('drizzle', 'build/drizzle', { recursive: true })
process.exitCode = await run(process.execPath, ['--expose-gc', 'build/bench/main.js', ...process.argv.slice(2)])
