import { Command } from 'commander'
import { logsSearchCommand } from './logs-search.ts'
import { logsTailCommand } from './logs-tail.ts'

/** `tracehold logs` */
export const logsCommand = (): Command =>
  new Command('logs')
    .description('Search logs, or follow them.')
    .addCommand(logsSearchCommand())
    .addCommand(logsTailCommand())
