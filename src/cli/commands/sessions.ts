import { Command } from 'commander'
import type { CommandIo } from '../io.ts'
import { sessionsListCommand } from './sessions-list.ts'

/** `tracehold sessions` */
export const sessionsCommand = (io: CommandIo): Command =>
  new Command('sessions').description('List sessions: conversations, summed.').addCommand(sessionsListCommand(io))
