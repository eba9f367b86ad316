import { Command } from 'commander'
import type { Check } from '../../doctor/diagnose.ts'
import { formatDuration } from '../format.ts'
import { type GlobalOptions, withExamples } from '../options.ts'
import { colors, print, printJson } from '../output.ts'
import { printable } from '../printable.ts'

interface DoctorOptions extends GlobalOptions {
  verbose?: boolean
}

const marks: Record<Check['status'], string> = {
  ok: colors.green('✓'),
  warning: colors.yellow('⚠'),
  failed: colors.red('✗'),
  skipped: colors.dim('–'),
}
const nameWidth = 14

/** `tracehold doctor` */
export function doctorCommand(): Command {
  const command = new Command('doctor')
    .summary('Find out what is wrong with the configuration, the database, Redis.')
    .description(
      'Look at the configuration, the drivers, the database and Redis, and say what is wrong and what to do about it. ' +
        'Changes nothing; exit code 1 on a failure, 0 with warnings.',
    )
    .option('--verbose', 'show every step with its time, also those that were skipped')
    .action((_options, self: Command) => run(self.optsWithGlobals<DoctorOptions>()))
  return withExamples(command, [
    'tracehold doctor',
    'tracehold doctor --verbose --db postgres://app@db.example/app',
    'tracehold doctor --json | jq -e .ok',
  ])
}

async function run({ db, project, config, json, verbose = false }: DoctorOptions): Promise<void> {
  const { diagnose } = await import('../../doctor/diagnose.ts')
  const checks: Check[] = []
  for await (const check of diagnose({ url: db, projectId: project }, { file: config })) {
    checks.push(check)
    if (!json && (verbose || check.status !== 'skipped')) show(check, verbose)
  }
  const ok = checks.every(({ status }) => status !== 'failed')
  if (json) printJson({ ok, checks })
  if (!ok) process.exitCode = 1
}

function show({ name, status, message, nextStep, ms }: Check, verbose: boolean): void {
  const took = verbose ? colors.dim(`  (${formatDuration(ms)})`) : ''
  print(`${marks[status]} ${name.padEnd(nameWidth)}${printable(message)}${took}`)
  if (nextStep) print(`${' '.repeat(nameWidth + 2)}${colors.dim('→')} ${printable(nextStep)}`)
}
