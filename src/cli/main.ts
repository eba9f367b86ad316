#!/usr/bin/env node
import { createRequire } from 'node:module'
import { Command, CommanderError } from 'commander'
import { configCommand } from './commands/config.ts'
import { copyCommand } from './commands/copy.ts'
import { doctorCommand } from './commands/doctor.ts'
import { exportCommand } from './commands/export.ts'
import { importCommand } from './commands/import.ts'
import { latencyCommand } from './commands/latency.ts'
import { logsSearchCommand } from './commands/logs-search.ts'
import { logsTailCommand } from './commands/logs-tail.ts'
import { metricsListCommand } from './commands/metrics-list.ts'
import { metricsShowCommand } from './commands/metrics-show.ts'
import { migrateCommand } from './commands/migrate.ts'
import { resultsCompareCommand } from './commands/results-compare.ts'
import { resultsListCommand } from './commands/results-list.ts'
import { rolesCommand } from './commands/roles.ts'
import { sessionsListCommand } from './commands/sessions-list.ts'
import { spansListCommand } from './commands/spans-list.ts'
import { syncCommand } from './commands/sync.ts'
import { tailCommand } from './commands/tail.ts'
import { tracesListCommand } from './commands/traces-list.ts'
import { tracesShowCommand } from './commands/traces-show.ts'
import { tracesTailCommand } from './commands/traces-tail.ts'
import { usageCommand } from './commands/usage.ts'
import { withExamples, withGlobalOptions } from './options.ts'
import { noteColors } from './output.ts'
import { exitCodeOf, reportError } from './report-error.ts'

const { version } = createRequire(import.meta.url)('#package') as { version: string }

const program = withExamples(
  withGlobalOptions(new Command('tracehold'))
    .description('Traces of AI agents in the database that you already run.')
    .version(version)
    .addCommand(importCommand())
    .addCommand(exportCommand())
    .addCommand(
      new Command('traces')
        .description('List traces, show one, or follow them.')
        .addCommand(tracesListCommand())
        .addCommand(tracesShowCommand())
        .addCommand(tracesTailCommand()),
    )
    .addCommand(new Command('spans').description('List spans of all traces.').addCommand(spansListCommand()))
    .addCommand(
      new Command('sessions').description('List sessions: conversations, summed.').addCommand(sessionsListCommand()),
    )
    .addCommand(tailCommand())
    .addCommand(usageCommand())
    .addCommand(latencyCommand())
    .addCommand(
      new Command('results')
        .description('List results of tests and evaluations, or compare two runs.')
        .addCommand(resultsListCommand())
        .addCommand(resultsCompareCommand()),
    )
    .addCommand(
      new Command('metrics')
        .description('List metrics, or show one.')
        .addCommand(metricsListCommand())
        .addCommand(metricsShowCommand()),
    )
    .addCommand(
      new Command('logs')
        .description('Search logs, or follow them.')
        .addCommand(logsSearchCommand())
        .addCommand(logsTailCommand()),
    )
    .addCommand(copyCommand())
    .addCommand(syncCommand())
    .addCommand(migrateCommand())
    .addCommand(rolesCommand())
    .addCommand(configCommand())
    .addCommand(doctorCommand()),
  ['tracehold import traces.otlp.jsonl', 'tracehold traces list', 'tracehold usage --by model'],
)

/** Settings that commander does not hand down to commands which are built on their own. */
function settle(command: Command, path = command.name()): void {
  command
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error:/, noteColors.red('tracehold:'))) })
    .showHelpAfterError(`Options and examples: ${path} --help`)
  for (const child of command.commands) settle(child, `${path} ${child.name()}`)
}

// `| head` closes the pipe early, which is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})

settle(program)
try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) {
    // Commander has printed its message. Help and version are no errors; whatever else it throws is a wrong call.
    process.exitCode = error.exitCode === 0 ? 0 : 2
  } else {
    reportError(error)
    process.exitCode = exitCodeOf(error)
  }
}
