import { Command } from 'commander'
import type { CommandIo } from '../io.ts'
import { tracesListCommand } from './traces-list.ts'
import { tracesRebuildCommand } from './traces-rebuild.ts'
import { tracesShowCommand } from './traces-show.ts'
import { tracesTailCommand } from './traces-tail.ts'

/** `tracehold traces` */
export const tracesCommand = (io: CommandIo): Command =>
  new Command('traces')
    .description('List traces, show one, follow them, or count them anew.')
    .addCommand(tracesListCommand(io))
    .addCommand(tracesShowCommand(io))
    .addCommand(tracesTailCommand(io))
    .addCommand(tracesRebuildCommand(io))
