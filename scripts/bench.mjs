// `npm run bench`: installs and builds what it needs, then measures. See docs/performance.md.
import { spawnSync } from 'node:child_process'
import { ensureInstalled } from './ensure-installed.mjs'

await ensureInstalled()
const run = (...args) => {
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
run('node_modules/typescript/bin/tsc', '-p', 'tsconfig.bench.json')
run('--expose-gc', 'build/bench/main.js', ...process.argv.slice(2))
