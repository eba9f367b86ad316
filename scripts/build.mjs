// Builds dist/ from schema/ and src/. With --if-stale only when a source is newer than the last build.
import { chmodSync, existsSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundleCommand, commandFile } from './bundle-command.mjs'
import { writeCommonjsEntries } from './commonjs-entries.mjs'
import { embedMigrations } from './embed-migrations.mjs'
import { ensureInstalled } from './ensure-installed.mjs'
import { elapsed, root, run } from './processes.mjs'

const dist = join(root, 'dist')
const sources = [
  'schema',
  'src',
  'drizzle',
  'package.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'scripts/bundle-command.mjs',
  'scripts/commonjs-entries.mjs',
  'scripts/embed-migrations.mjs',
]

/** Builds dist/ and answers whether that went well; with `ifStale` it may have nothing to do. */
export async function build({ ifStale = false } = {}) {
  if (ifStale && !isStale()) return true
  console.log('Building dist/ …')
  const startMs = performance.now()
  const startedAt = new Date()
  rmSync(dist, { recursive: true, force: true })
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const isCompiled = (await run(process.execPath, [tsc, '-p', 'tsconfig.build.json'])) === 0
  if (!isCompiled || !(await bundleCommand())) {
    // Both may have written something, which would look like a good build.
    rmSync(dist, { recursive: true, force: true })
    console.error('The build failed: the compiler’s messages are above.')
    return false
  }
  embedMigrations()
  writeCommonjsEntries()
  chmodSync(commandFile, 0o755)
  // The directory carries the time at which the sources were read: a file saved during the build is newer.
  utimesSync(dist, startedAt, startedAt)
  console.log(`Built in ${elapsed(startMs)}.\n`)
  return true
}

function isStale() {
  if (!existsSync(dist)) return true
  const builtAtMs = statSync(dist).mtimeMs
  return sources.some((source) => newestMs(join(root, source)) > builtAtMs)
}

/** The newest time of a file or of anything below a directory. Directories count: their time tells of removed files. */
function newestMs(path) {
  const stat = statSync(path)
  if (!stat.isDirectory()) return stat.mtimeMs
  return readdirSync(path).reduce((newest, name) => Math.max(newest, newestMs(join(path, name))), stat.mtimeMs)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await ensureInstalled()
  if (!(await build({ ifStale: process.argv.includes('--if-stale') }))) process.exit(1)
}
