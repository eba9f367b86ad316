import type { ConfigLocation, ConfigOptions } from '../config/config.ts'
import { type Finding, failure, skipped } from '../engines/finding.ts'
import type { Pool } from '../engines/pool.ts'
import { checkClock } from './checks/clock.ts'
import { checkCommits } from './checks/commits.ts'
import { checkConfig } from './checks/config.ts'
import { connect } from './checks/connection.ts'
import { checkDisk } from './checks/disk.ts'
import { checkDrivers } from './checks/drivers.ts'
import { checkIndexes } from './checks/indexes.ts'
import { checkNode } from './checks/node.ts'
import { checkPool } from './checks/pool.ts'
import { checkReaders } from './checks/readers.ts'
import { checkRedis } from './checks/redis.ts'
import { checkReplica } from './checks/replica.ts'
import { checkSample } from './checks/sample.ts'
import { checkSchema } from './checks/schema.ts'
import type { Subject } from './subject.ts'

/** One thing that was looked at. */
export interface Check extends Omit<Finding, 'blocks'> {
  readonly name: string
  /** How long it took, in milliseconds. */
  readonly ms: number
}

interface DatabaseCheck {
  readonly name: string
  /** The check without which this one makes no sense. */
  readonly needs: string
  readonly run: (subject: Subject) => Promise<Finding>
}

/** The finding of a check that a database has no part in. */
const notThere = async ({ diagnostics, productName }: Pool): Promise<Finding> =>
  skipped(diagnostics.noServer ?? `${productName} has none`)

const databaseChecks: readonly DatabaseCheck[] = [
  { name: 'server', needs: 'connection', run: ({ pool }) => pool.diagnostics.server() },
  { name: 'tls', needs: 'connection', run: ({ pool }) => pool.diagnostics.tls?.() ?? notThere(pool) },
  {
    name: 'clock',
    needs: 'connection',
    run: ({ pool }) => (pool.diagnostics.clock ? checkClock(pool.diagnostics.clock) : notThere(pool)),
  },
  { name: 'replica', needs: 'connection', run: checkReplica },
  { name: 'rights', needs: 'connection', run: ({ pool }) => pool.diagnostics.rights?.() ?? notThere(pool) },
  { name: 'schema', needs: 'rights', run: checkSchema },
  { name: 'indexes', needs: 'schema', run: checkIndexes },
  { name: 'commits', needs: 'schema', run: checkCommits },
  {
    name: 'row security',
    needs: 'schema',
    run: ({ pool, config }) => pool.diagnostics.rowSecurity?.(config.projectId) ?? notThere(pool),
  },
  { name: 'server logs', needs: 'connection', run: ({ pool }) => pool.diagnostics.ownLogs?.() ?? notThere(pool) },
  { name: 'sample', needs: 'schema', run: checkSample },
  { name: 'readers', needs: 'schema', run: checkReaders },
  { name: 'pool', needs: 'connection', run: checkPool },
]

/** Checks everything that a store needs, one after the other: configuration, machine, database, Redis. Changes nothing. */
export async function* diagnose(options: ConfigOptions = {}, location: ConfigLocation = {}): AsyncGenerator<Check> {
  const blocked = new Set<string>()
  const look = async (name: string, run: () => Finding | Promise<Finding>): Promise<Check> => {
    const started = performance.now()
    const { blocks, ...finding } = await Promise.resolve()
      .then(run)
      .catch((error: unknown) => failure(error, `check ${name}`))
    if (blocks) blocked.add(name)
    return { name, ...finding, ms: Math.round((performance.now() - started) * 1000) / 1000 }
  }

  yield await look('node', checkNode)
  const { findings, setup } = checkConfig(options, location)
  for (const finding of findings) yield await look('config', () => finding)
  if (!setup) return
  yield await look('driver', () => checkDrivers(setup))
  yield await look('disk', () => checkDisk(setup))

  let pool: Pool | undefined
  yield await look('connection', async () => {
    if (blocked.has('disk') || blocked.has('driver')) return { ...skipped('nothing to connect with'), blocks: true }
    const answer = await connect(setup)
    pool = answer.pool
    return answer.finding
  })
  try {
    for (const { name, needs, run } of databaseChecks) {
      yield await look(name, async () => {
        if (pool && !blocked.has(needs)) return run({ ...setup, pool })
        return { ...skipped(`it needs: ${needs}`), blocks: true }
      })
    }
  } finally {
    await pool?.close()
  }
  yield await look('redis', () => checkRedis(setup))
}
