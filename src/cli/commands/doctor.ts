import { Command } from 'commander'
import { chooseDatabase } from '../database.ts'
import { type Check, diagnose } from '../diagnose.ts'
import { type GlobalOptions, withExamples } from '../options.ts'
import { colors, print, printJson } from '../output.ts'

const marks: Record<Check['status'], string> = {
  ok: colors.green('✓'),
  warning: colors.yellow('⚠'),
  failed: colors.red('✗'),
}

/** `tracehold doctor` */
export function doctorCommand(): Command {
  const command = new Command('doctor')
    .summary('Check configuration, drivers, connection and schema.')
    .description('Check configuration, drivers, connection and schema. Changes nothing; exit code 1 on a failure.')
    .action((_options, self: Command) => run(self.optsWithGlobals<GlobalOptions>()))
  return withExamples(command, ['tracehold doctor', 'tracehold doctor --db postgres://app@db.example/app --json'])
}

async function run({ db, json }: GlobalOptions): Promise<void> {
  const checks: Check[] = []
  for await (const check of diagnose(chooseDatabase(db))) {
    checks.push(check)
    if (!json) show(check)
  }
  const ok = checks.every(({ status }) => status !== 'failed')
  if (json) printJson({ ok, checks })
  if (!ok) process.exitCode = 1
}

function show({ name, status, message, nextStep }: Check): void {
  print(`${marks[status]} ${name.padEnd(10)}  ${message}`)
  if (nextStep) print(`${' '.repeat(14)}${colors.dim('→')} ${nextStep}`)
}
