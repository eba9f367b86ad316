import type { Command } from 'commander'

/** Every command by its name, in the order of the help. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  import: async () => (await import('./import.ts')).importCommand(),
  export: async () => (await import('./export.ts')).exportCommand(),
  traces: async () => (await import('./traces.ts')).tracesCommand(),
  spans: async () => (await import('./spans.ts')).spansCommand(),
  sessions: async () => (await import('./sessions.ts')).sessionsCommand(),
  tail: async () => (await import('./tail.ts')).tailCommand(),
  usage: async () => (await import('./usage.ts')).usageCommand(),
  latency: async () => (await import('./latency.ts')).latencyCommand(),
  results: async () => (await import('./results.ts')).resultsCommand(),
  metrics: async () => (await import('./metrics.ts')).metricsCommand(),
  logs: async () => (await import('./logs.ts')).logsCommand(),
  copy: async () => (await import('./copy.ts')).copyCommand(),
  sync: async () => (await import('./sync.ts')).syncCommand(),
  migrate: async () => (await import('./migrate.ts')).migrateCommand(),
  roles: async () => (await import('./roles.ts')).rolesCommand(),
  config: async () => (await import('./config.ts')).configCommand(),
  doctor: async () => (await import('./doctor.ts')).doctorCommand(),
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
