import { accessSync, constants, existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { getTableName } from 'drizzle-orm'
import type { Target } from '../config/url.ts'
import { type MigrationStatus, Migrator } from '../migrations/migrator.ts'
import { openPool } from '../pool/open-pool.ts'
import type { Pool } from '../pool/pool.ts'
import { CommandError } from './command-error.ts'
import { type Choice, isMissing, targetOf } from './database.ts'
import { driversOf, installedVersion } from './driver-versions.ts'
import { formatDuration } from './format.ts'

/** One thing that was looked at. */
export interface Check {
  readonly name: string
  readonly status: 'ok' | 'warning' | 'failed'
  readonly message: string
  /** What to do about it. */
  readonly nextStep?: string
}

/** Looks at everything that a store needs, one after the other, and ends where the rest makes no sense any more. */
export async function* diagnose(choice: Choice): AsyncGenerator<Check> {
  yield { name: 'node', status: 'ok', message: `Node ${process.versions.node}` }
  let target: Target
  try {
    target = targetOf(choice)
  } catch (error) {
    yield failure('config', error)
    return
  }
  yield { name: 'config', status: 'ok', message: `${target.location} (from ${choice.source})` }
  for (const name of driversOf[target.engine]) yield driver(name, target.engine)
  if (target.engine === 'sqlite' && isMissing(choice)) {
    yield missingFile(target.path)
    return
  }
  yield* diagnoseDatabase(choice.url)
}

function failure(name: string, error: unknown): Check {
  const message = error instanceof Error ? error.message : String(error)
  const nextStep = error instanceof CommandError ? error.nextStep : undefined
  return { name, status: 'failed', message, ...(nextStep && { nextStep }) }
}

function driver(name: string, engine: Target['engine']): Check {
  const version = installedVersion(name)
  if (version !== undefined) return { name: 'driver', status: 'ok', message: `${name} ${version}` }
  const nextStep = `Run: npm install ${driversOf[engine].join(' ')}`
  return { name: 'driver', status: 'failed', message: `${name} is not installed`, nextStep }
}

function missingFile(path: string): Check {
  const name = 'connection'
  let folder = dirname(resolve(path))
  while (!existsSync(folder)) folder = dirname(folder)
  try {
    accessSync(folder, constants.W_OK)
  } catch {
    const nextStep = 'Choose another file with --db, or get the right to write there.'
    return { name, status: 'failed', message: `the file is not there, and ${folder} is not writable`, nextStep }
  }
  const nextStep = 'The first import makes it: tracehold import FILE'
  return { name, status: 'warning', message: 'the file is not there yet', nextStep }
}

async function* diagnoseDatabase(url: string): AsyncGenerator<Check> {
  let pool: Pool
  try {
    pool = await openPool({ url })
  } catch (error) {
    yield failure('connection', error)
    return
  }
  try {
    const { ok, version = '', latencyMs, error = '' } = await pool.health()
    if (!ok) {
      yield { name: 'connection', status: 'failed', message: error }
      return
    }
    const server = pool.engine === 'sqlite' ? 'SQLite' : 'PostgreSQL'
    yield { name: 'connection', status: 'ok', message: `${server} ${version} answers in ${formatDuration(latencyMs)}` }
    yield* diagnoseSchema(pool)
  } finally {
    await pool.close()
  }
}

async function* diagnoseSchema(pool: Pool): AsyncGenerator<Check> {
  let status: MigrationStatus
  try {
    status = await new Migrator(pool).status()
  } catch (error) {
    yield failure('schema', error)
    return
  }
  const { current, latest } = status
  if (current === 0) {
    const nextStep = 'The first import makes them; or run: tracehold migrate'
    yield { name: 'schema', status: 'warning', message: 'there are no tables yet', nextStep }
    return
  }
  if (current < latest) {
    const message = `version ${current}, and this package needs ${latest}`
    yield { name: 'schema', status: 'failed', message, nextStep: 'Run: tracehold migrate' }
    return
  }
  yield { name: 'schema', status: 'ok', message: `version ${current}, up to date` }
  yield await writability(pool)
}

async function writability(pool: Pool): Promise<Check> {
  const name = 'writing'
  const { traces, spans, events } = pool.tables
  const schema = pool.engine === 'postgres' ? 'tracehold.' : ''
  // An insert of nothing needs every right that an insert needs, and changes nothing.
  const statements = [traces, spans, events]
    .map((table) => schema + getTableName(table))
    .map((table) => `insert into ${table} select * from ${table} where false`)
  try {
    if (pool.engine === 'sqlite') {
      await pool.transaction('write', (writer) => writer.exec(statements.join(';')))
    } else {
      await pool.transaction('write', async (connection) => {
        for (const statement of statements) await connection.query(statement)
      })
    }
    return { name, status: 'ok', message: 'the tables are writable' }
  } catch (error) {
    return failure(name, error)
  }
}
