// Owns one scratch directory on behalf of a test process, and outlives it by a moment. When standard input ends,
// because the owner closed it or because the owner is gone in whatever way, it stops the PostgreSQL servers whose
// data are in the directory, and deletes the directory. KEEPER_DATABASES, if set, tells of databases on a server that
// the tests only borrow: it drops them too.
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'

const directory = process.argv[2]
const stopDeadlineMs = 10_000

process.stdin.resume()
process.stdin.once('error', clear)
process.stdin.once('end', clear)

async function clear() {
  try {
    if (process.env.KEEPER_DATABASES) await dropDatabases(JSON.parse(process.env.KEEPER_DATABASES))
  } catch (error) {
    console.error(`The tests' databases could not be dropped: ${error.message}`)
  }
  await Promise.all(readdirSync(directory).map((name) => stopServer(join(directory, name, 'postmaster.pid'))))
  rmSync(directory, { recursive: true, force: true, maxRetries: 5 })
  process.exit()
}

async function dropDatabases({ serverUrl, prefix }) {
  const client = new pg.Client(serverUrl)
  await client.connect()
  const { rows } = await client.query('SELECT datname FROM pg_database WHERE starts_with(datname, $1)', [prefix])
  for (const { datname } of rows) await client.query(`DROP DATABASE ${client.escapeIdentifier(datname)} WITH (FORCE)`)
  await client.end()
}

async function stopServer(pidFile) {
  if (!existsSync(pidFile)) return
  const pid = Number.parseInt(readFileSync(pidFile, 'utf8'), 10)
  if (!(pid > 1)) return
  // SIGQUIT is PostgreSQL's immediate shutdown: nothing in the directory is worth a checkpoint.
  signal(pid, 'SIGQUIT')
  // The server removes the file as its last act. A process alone tells less: it may be dead and not yet reaped.
  const isRunning = () => existsSync(pidFile) && signal(pid, 0)
  for (const giveUpAt = Date.now() + stopDeadlineMs; isRunning() && Date.now() < giveUpAt; ) await delay(10)
  if (isRunning()) signal(pid, 'SIGKILL')
}

function signal(pid, name) {
  try {
    return process.kill(pid, name)
  } catch {
    return false
  }
}
