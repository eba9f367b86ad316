import { Command } from 'commander'
import { withPool } from '../database.ts'
import type { CommandIo } from '../io.ts'
import { type GlobalOptions, withExamples } from '../options.ts'
import { migrateStatusCommand } from './migrate-status.ts'

interface MigrateOptions extends GlobalOptions {
  baseline?: boolean
  printCluster?: string
}

/** `tracehold migrate` */
export function migrateCommand(io: CommandIo): Command {
  const command = new Command('migrate')
    .summary("Bring the database's tables up to this version.")
    .description("Bring the database's tables up to this version. Safe to run again, and by several processes at once.")
    .option('--baseline', "adopt tables that an app's own migrations made, without running anything")
    .option('--print-cluster <name>', "print the ClickHouse tables' statements for a cluster, and do nothing else")
    .action((_options, self: Command) => run(io, self.optsWithGlobals<MigrateOptions>()))
    .addCommand(migrateStatusCommand(io))
  return withExamples(command, [
    'tracehold migrate --db postgres://app@db.example/app',
    'tracehold migrate --baseline',
    'tracehold migrate --print-cluster events | clickhouse-client --multiquery',
    'tracehold migrate status',
  ])
}

async function run(io: CommandIo, options: MigrateOptions): Promise<void> {
  if (options.printCluster !== undefined) return printCluster(io, options.printCluster, options)
  return withPool(io, options, async (pool) => {
    const { Migrator } = await import('../../migrations/migrator.ts')
    const migrator = new Migrator(pool)
    const report = await (options.baseline ? migrator.baseline() : migrator.migrate())
    if (options.json) io.printJson(report)
    else if (report.applied.length === 0) io.print(`${pool.location} is up to date (schema version ${report.to}).`)
    else {
      const done = options.baseline ? 'Adopted' : 'Applied'
      io.print(`${done} ${report.applied.join(', ')}: ${pool.location} is at schema version ${report.to}.`)
    }
  })
}

async function printCluster(io: CommandIo, cluster: string, { json }: GlobalOptions): Promise<void> {
  const { clickhouseClusterStatements } = await import('../../engines/clickhouse/cluster.ts')
  const statements = clickhouseClusterStatements({ cluster })
  if (json) io.printJson(statements)
  else for (const statement of statements) io.print(`${statement};\n`)
}
