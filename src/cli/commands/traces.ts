import { Command } from 'commander'
import type { CommandIo } from '../io.ts'
import { tracesListCommand } from './traces-list.ts'
import { tracesShowCommand } from './traces-show.ts'
import { tracesTailCommand } from './traces-tail.ts'

/** `tracehold traces` */
export const tracesCommand = (io: CommandIo): Command =>
  new Command('traces')
    .description('List traces, show one, or follow them.')
    .addCommand(tracesListCommand(io))
    .addCommand(tracesShowCommand(io))
    .addCommand(tracesTailCommand(io))
