import { Command } from 'commander'
import type { CommandIo } from '../io.ts'
import { logsSearchCommand } from './logs-search.ts'
import { logsTailCommand } from './logs-tail.ts'

/** `tracehold logs` */
export const logsCommand = (io: CommandIo): Command =>
  new Command('logs')
    .description('Search logs, or follow them.')
    .addCommand(logsSearchCommand(io))
    .addCommand(logsTailCommand(io))
