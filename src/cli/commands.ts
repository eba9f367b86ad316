import type { Command } from 'commander'

/** Every command by its name, in the order of the help. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  import: async () => (await import('./commands/import.ts')).importCommand(),
  export: async () => (await import('./commands/export.ts')).exportCommand(),
  traces: async () => (await import('./commands/traces.ts')).tracesCommand(),
  spans: async () => (await import('./commands/spans.ts')).spansCommand(),
  sessions: async () => (await import('./commands/sessions.ts')).sessionsCommand(),
  tail: async () => (await import('./commands/tail.ts')).tailCommand(),
  usage: async () => (await import('./commands/usage.ts')).usageCommand(),
  latency: async () => (await import('./commands/latency.ts')).latencyCommand(),
  results: async () => (await import('./commands/results.ts')).resultsCommand(),
  metrics: async () => (await import('./commands/metrics.ts')).metricsCommand(),
  logs: async () => (await import('./commands/logs.ts')).logsCommand(),
  copy: async () => (await import('./commands/copy.ts')).copyCommand(),
  sync: async () => (await import('./commands/sync.ts')).syncCommand(),
  migrate: async () => (await import('./commands/migrate.ts')).migrateCommand(),
  roles: async () => (await import('./commands/roles.ts')).rolesCommand(),
  config: async () => (await import('./commands/config.ts')).configCommand(),
  doctor: async () => (await import('./commands/doctor.ts')).doctorCommand(),
}

/**
 * Loads the command that a call begins with, since loading all takes longer than many of them run. A call that begins
 * otherwise may name one later, or shows them in its help: it gets all.
 */
export async function commandsFor([first = '']: readonly string[]): Promise<Command[]> {
  if (first === '--version') return []
  const called = Object.hasOwn(commands, first) ? commands[first] : undefined
  return Promise.all(called ? [called()] : Object.values(commands).map((load) => load()))
}
