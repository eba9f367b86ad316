import { Command } from 'commander'
import type { CommandIo } from '../io.ts'
import { spansListCommand } from './spans-list.ts'

/** `tracehold spans` */
export const spansCommand = (io: CommandIo): Command =>
  new Command('spans').description('List spans of all traces.').addCommand(spansListCommand(io))
