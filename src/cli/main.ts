#!/usr/bin/env node
import { createRequire } from 'node:module'
import { Command, CommanderError } from 'commander'
import { commandsFor } from './commands/commands.ts'
import { withExamples, withGlobalOptions } from './options.ts'
import { noteColors } from './output.ts'
import { exitCodeOf, reportError } from './report-error.ts'

const { version } = createRequire(import.meta.url)('#package') as { version: string }

const program = withGlobalOptions(new Command('tracehold'))
  .description('Traces of AI agents in the database that you already run.')
  .version(version)
for (const command of await commandsFor(process.argv.slice(2))) program.addCommand(command)
withExamples(program, ['tracehold import traces.otlp.jsonl', 'tracehold traces list', 'tracehold usage --by model'])

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
