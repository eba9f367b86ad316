import { type Command, InvalidArgumentError } from 'commander'
import { acceptedProjectName, isProjectName } from '../rows/project-name.ts'

/** The options that every command takes. */
export interface GlobalOptions {
  db?: string
  config?: string
  project?: string
  json?: boolean
  debug?: boolean
}

/** Adds the options that every command takes. */
export const withGlobalOptions = (program: Command): Command =>
  program
    .option(
      '--db <url>',
      'the database: sqlite:PATH, postgres://…, clickhouse://… or chdb:PATH (default: TRACEHOLD_URL, else DATABASE_URL, else .tracehold/traces.db)',
    )
    .option(
      '--config <path>',
      'the configuration file (default: TRACEHOLD_CONFIG, else tracehold.config.yaml, .toml or .json)',
    )
    .option('--project <id>', "the project whose traces are read or written (default: 'default')", projectName)
    .option('--json', 'print JSON for programs')
    .option('--debug', 'show where an error comes from (also: TRACEHOLD_DEBUG=1)')

/**
 * All names of a type, which the compiler checks. The library's own list would load code that help does not need.
 */
export const namesOf = <Name extends string>(names: Readonly<Record<Name, true>>): Name[] =>
  Object.keys(names) as Name[]

function projectName(value: string): string {
  if (isProjectName(value)) return value
  throw new InvalidArgumentError(`It must be ${acceptedProjectName}.`)
}

/** A whole number, 1 or more. */
export function positiveInteger(value: string): number {
  const number = Number(value)
  if (Number.isSafeInteger(number) && number >= 1) return number
  throw new InvalidArgumentError('It must be a whole number, 1 or more.')
}

/** Adds examples to the end of a command's help. */
export const withExamples = (command: Command, examples: readonly string[]): Command =>
  command.addHelpText('after', `\nExamples:\n${examples.map((example) => `  $ ${example}`).join('\n')}`)
