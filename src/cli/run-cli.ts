import { createRequire } from 'node:module'
import { Command, CommanderError } from 'commander'
import { commandsFor } from './commands/commands.ts'
import { type CliIo, CommandIo } from './io.ts'
import { withExamples, withGlobalOptions } from './options.ts'
import { exitCodeOf, reportError } from './report-error.ts'

const { version } = createRequire(import.meta.url)('#package') as { version: string }

/**
 * Runs `tracehold` with these arguments and returns its exit code: 0, 1 for a failure, 2 for a wrong call.
 *
 * @param args without the program's name
 */
export async function runCli(args: readonly string[], given: CliIo): Promise<number> {
  const io = new CommandIo(args, given)
  const program = withGlobalOptions(new Command('tracehold'))
    .description('Traces of AI agents in the database that you already run.')
    .version(version)
  for (const command of await commandsFor(args, io)) program.addCommand(command)
  withExamples(program, ['tracehold import traces.otlp.jsonl', 'tracehold traces list', 'tracehold usage --by model'])
  settle(program, io)
  try {
    await program.parseAsync(args, { from: 'user' })
    return io.exitCode
  } catch (error) {
    // Commander has printed its message. Help and version are no errors; any other is a wrong call.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    reportError(io, error)
    return exitCodeOf(error)
  }
}

/** Settings that commander does not pass on to commands that are built separately. */
function settle(command: Command, io: CommandIo, path = command.name()): void {
  const { stdout, stderr, colors, noteColors } = io
  command
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      outputError: (text, write) => write(text.replace(/^error:/, noteColors.red('tracehold:'))),
      getOutHelpWidth: () => (stdout.isTTY ? (stdout.columns ?? 80) : 80),
      getErrHelpWidth: () => (stderr.isTTY ? (stderr.columns ?? 80) : 80),
      getOutHasColors: () => colors.isColorSupported,
      getErrHasColors: () => noteColors.isColorSupported,
    })
    .showHelpAfterError(`Options and examples: ${path} --help`)
  for (const child of command.commands) settle(child, io, `${path} ${child.name()}`)
}
