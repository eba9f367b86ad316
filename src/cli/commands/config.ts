import { Command } from 'commander'
import type { ShownSetting } from '../../config/describe.ts'
import type { CommandIo } from '../io.ts'
import { type GlobalOptions, withExamples } from '../options.ts'

/** `tracehold config` */
export function configCommand(io: CommandIo): Command {
  const show = new Command('print')
    .description('Print the configuration: every setting with its value and where it comes from, without secrets.')
    .action((_options, self: Command) => run(io, self.optsWithGlobals<GlobalOptions>()))
  withExamples(show, ['tracehold config print', 'tracehold config print --config production.yaml --json'])
  return new Command('config').description('Show how tracehold is configured.').addCommand(show)
}

async function run(io: CommandIo, { db, project, config: file, json }: GlobalOptions): Promise<void> {
  const { readConfig } = await import('../../config/load-config.ts')
  const { describeConfig } = await import('../../config/describe.ts')
  const resolved = readConfig({ url: db, projectId: project }, { file, env: io.env, cwd: io.cwd })
  const faults = resolved.error?.faults ?? []
  const shown = describeConfig(resolved)
  if (json) io.printJson({ ok: faults.length === 0, settings: shown, faults })
  else for (const line of linesOf(shown, io)) io.print(line)
  if (!resolved.error) return
  // In JSON the faults are part of the output.
  if (json) io.exitCode = 1
  else throw resolved.error
}

function linesOf(shown: readonly ShownSetting[], { colors }: CommandIo): string[] {
  const values = shown.map(({ value }) =>
    value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value),
  )
  const keyWidth = Math.max(...shown.map(({ key }) => key.length))
  const valueWidth = Math.min(48, Math.max(...values.map((value) => value.length)))
  return shown.map(({ key, source }, n) => {
    const from = source === 'default' ? colors.dim(source) : source
    return `${key.padEnd(keyWidth)}  ${(values[n] ?? '').padEnd(valueWidth)}  ${from}`.trimEnd()
  })
}
