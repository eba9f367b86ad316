import { Command } from 'commander'
import type { Check } from '../../doctor/diagnose.ts'
import { formatDuration } from '../format.ts'
import type { Colors, CommandIo } from '../io.ts'
import { type GlobalOptions, withExamples } from '../options.ts'
import { printable } from '../printable.ts'

interface DoctorOptions extends GlobalOptions {
  verbose?: boolean
}

const marks: Record<Check['status'], (colors: Colors) => string> = {
  ok: (colors) => colors.green('✓'),
  warning: (colors) => colors.yellow('⚠'),
  failed: (colors) => colors.red('✗'),
  skipped: (colors) => colors.dim('–'),
}
const nameWidth = 14

/** `tracehold doctor` */
export function doctorCommand(io: CommandIo): Command {
  const command = new Command('doctor')
    .summary('Find out what is wrong with the configuration, the database, Redis.')
    .description(
      'Look at the configuration, the drivers, the database and Redis, and say what is wrong and what to do about it. ' +
        'Changes nothing; exit code 1 on a failure, 0 with warnings.',
    )
    .option('--verbose', 'show every step with its time, also those that were skipped')
    .action((_options, self: Command) => run(io, self.optsWithGlobals<DoctorOptions>()))
  return withExamples(command, [
    'tracehold doctor',
    'tracehold doctor --verbose --db postgres://app@db.example/app',
    'tracehold doctor --json | jq -e .ok',
  ])
}

async function run(io: CommandIo, { db, project, config, json, verbose = false }: DoctorOptions): Promise<void> {
  const { diagnose } = await import('../../doctor/diagnose.ts')
  const checks: Check[] = []
  for await (const check of diagnose({ url: db, projectId: project }, { file: config, env: io.env, cwd: io.cwd })) {
    checks.push(check)
    if (!json && (verbose || check.status !== 'skipped')) show(io, check, verbose)
  }
  const ok = checks.every(({ status }) => status !== 'failed')
  if (json) io.printJson({ ok, checks })
  if (!ok) io.exitCode = 1
}

function show(io: CommandIo, { name, status, message, nextStep, ms }: Check, verbose: boolean): void {
  const { colors } = io
  const took = verbose ? colors.dim(`  (${formatDuration(ms)})`) : ''
  io.print(`${marks[status](colors)} ${name.padEnd(nameWidth)}${printable(message)}${took}`)
  if (nextStep) io.print(`${' '.repeat(nameWidth + 2)}${colors.dim('→')} ${printable(nextStep)}`)
}
