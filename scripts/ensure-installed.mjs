// Makes sure that node_modules is what package-lock.json asks for. Plain Node without dependencies and without syntax
// newer than old Node versions know, since it must run, and explain itself, before anything is installed.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { elapsed, root, run } from './processes.mjs'

/** Ends the process with a clear message unless Node is new enough; installs what is missing. */
export async function ensureInstalled() {
  checkNodeVersion()
  const lock = readJson(join(root, 'package-lock.json'))
  const installed = readJson(join(root, 'node_modules', '.package-lock.json'))
  if (isInstalled(lock, installed)) return
  await install()
}

/** Whether `installed`, npm's own record in node_modules, holds every package of `lock` at the locked version. */
export function isInstalled(lock, installed) {
  if (!lock || !installed) return false
  return Object.keys(lock.packages).every((path) => {
    if (path === '') return true
    const wanted = lock.packages[path]
    const found = installed.packages[path]
    // npm leaves out what is built for other platforms.
    if (!found) return Boolean(wanted.optional || wanted.extraneous || wanted.os || wanted.cpu)
    return found.version === wanted.version && found.integrity === wanted.integrity
  })
}

/** Whether `version` is at least `minimum`, both as `major.minor[.patch]`. */
export function isAtLeast(version, minimum) {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [minimumMajor = 0, minimumMinor = 0] = minimum.split('.').map(Number)
  return major > minimumMajor || (major === minimumMajor && minor >= minimumMinor)
}

function checkNodeVersion() {
  const minimum = readJson(join(root, 'package.json')).engines.node.replace(/^>=\s*/, '')
  if (isAtLeast(process.versions.node, minimum)) return
  console.error(
    `tracehold needs Node ${minimum} or newer; this is Node ${process.versions.node} (${process.execPath}).`,
  )
  console.error('Install a newer one from https://nodejs.org and run this again.')
  process.exit(1)
}

async function install() {
  const what = existsSync(join(root, 'node_modules')) ? 'The dependencies have changed' : 'First run'
  console.log(`${what}: installing the dependencies with npm ci.`)
  console.log('Where no ready-made binary can be had, native code is compiled, which takes about a minute.')
  const startMs = performance.now()
  const heartbeat = setInterval(() => console.log(`… still installing (${elapsed(startMs)})`), 10_000)
  // Dev dependencies are named since NODE_ENV=production would leave them out.
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--no-update-notifier']
  const code = await run(...npmCommand(args)).finally(() => clearInterval(heartbeat))
  if (code !== 0) {
    console.error('npm ci failed: its message is above. Compiling needs Python 3, make and a C++ compiler.')
    process.exit(1)
  }
  console.log(`Installed in ${elapsed(startMs)}.\n`)
}

/** The npm that runs this script, if one does: the one on the PATH may be another, or a .cmd file on Windows. */
function npmCommand(args) {
  const npm = process.env.npm_execpath
  if (npm?.endsWith('npm-cli.js')) return [process.execPath, [npm, ...args]]
  return ['npm', args, { shell: process.platform === 'win32' }]
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await ensureInstalled()
