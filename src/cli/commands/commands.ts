import type { Command } from 'commander'
import type { CommandIo } from '../io.ts'

/** Every command by its name, in the order of the help. */
const commands: Readonly<Record<string, (io: CommandIo) => Promise<Command>>> = {
  import: async (io) => (await import('./import.ts')).importCommand(io),
  export: async (io) => (await import('./export.ts')).exportCommand(io),
  traces: async (io) => (await import('./traces.ts')).tracesCommand(io),
  spans: async (io) => (await import('./spans.ts')).spansCommand(io),
  sessions: async (io) => (await import('./sessions.ts')).sessionsCommand(io),
  tail: async (io) => (await import('./tail.ts')).tailCommand(io),
  usage: async (io) => (await import('./usage.ts')).usageCommand(io),
  latency: async (io) => (await import('./latency.ts')).latencyCommand(io),
  results: async (io) => (await import('./results.ts')).resultsCommand(io),
  metrics: async (io) => (await import('./metrics.ts')).metricsCommand(io),
  logs: async (io) => (await import('./logs.ts')).logsCommand(io),
  serve: async (io) => (await import('./serve.ts')).serveCommand(io),
  copy: async (io) => (await import('./copy.ts')).copyCommand(io),
  sync: async (io) => (await import('./sync.ts')).syncCommand(io),
  prune: async (io) => (await import('./prune.ts')).pruneCommand(io),
  archive: async (io) => (await import('./archive.ts')).archiveCommand(io),
  erase: async (io) => (await import('./erase.ts')).eraseCommand(io),
  maintain: async (io) => (await import('./maintain.ts')).maintainCommand(io),
  backup: async (io) => (await import('./backup.ts')).backupCommand(io),
  restore: async (io) => (await import('./restore.ts')).restoreCommand(io),
  size: async (io) => (await import('./size.ts')).sizeCommand(io),
  shrink: async (io) => (await import('./shrink.ts')).shrinkCommand(io),
  migrate: async (io) => (await import('./migrate.ts')).migrateCommand(io),
  restamp: async (io) => (await import('./restamp.ts')).restampCommand(io),
  roles: async (io) => (await import('./roles.ts')).rolesCommand(io),
  config: async (io) => (await import('./config.ts')).configCommand(io),
  doctor: async (io) => (await import('./doctor.ts')).doctorCommand(io),
}

/**
 * Loads the command that the first argument names, since loading all takes longer than many commands run. With another
 * first argument it loads all: a command may be named later, or help shows them.
 */
export async function commandsFor([first = '']: readonly string[], io: CommandIo): Promise<Command[]> {
  if (first === '--version') return []
  const called = Object.hasOwn(commands, first) ? commands[first] : undefined
  return Promise.all(called ? [called(io)] : Object.values(commands).map((load) => load(io)))
}
