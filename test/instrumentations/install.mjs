// Installs the packages of this folder once: `node test/instrumentations/install.mjs`. Several processes may ask at the
// same time: the lock is a transaction of SQLite's, which ends with the process that holds it, however that ends.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { capture } from '../../scripts/processes.mjs'

const directory = fileURLToPath(new URL('.', import.meta.url))
const stampFile = join(directory, 'node_modules', '.installed')
const lockWaitMs = 10 * 60_000

const lock = new Database(join(directory, '.install-lock'), { timeout: lockWaitMs })
lock.exec('BEGIN EXCLUSIVE')
if (!isInstalled()) await install()
lock.close()

function isInstalled() {
  return existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted()
}

/** What the lock file asks for, so that a changed one is installed anew. */
function wanted() {
  return createHash('sha256')
    .update(readFileSync(join(directory, 'package-lock.json')))
    .digest('hex')
}

async function install() {
  // .npmrc leaves out what is optional, such as the binaries of other platforms, and runs no install script.
  const { code, output } = await capture('npm', ['ci', '--no-update-notifier'], {
    cwd: directory,
    shell: process.platform === 'win32',
  })
  if (code !== 0) throw new Error(`npm ci failed in ${directory}:\n${output}`)
  writeFileSync(stampFile, wanted())
}
