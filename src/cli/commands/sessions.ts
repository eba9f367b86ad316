import { Command } from 'commander'
import { sessionsListCommand } from './sessions-list.ts'

/** `tracehold sessions` */
export const sessionsCommand = (): Command =>
  new Command('sessions').description('List sessions: conversations, summed.').addCommand(sessionsListCommand())
