import { Command } from 'commander'
import { tracesListCommand } from './traces-list.ts'
import { tracesShowCommand } from './traces-show.ts'
import { tracesTailCommand } from './traces-tail.ts'

/** `tracehold traces` */
export const tracesCommand = (): Command =>
  new Command('traces')
    .description('List traces, show one, or follow them.')
    .addCommand(tracesListCommand())
    .addCommand(tracesShowCommand())
    .addCommand(tracesTailCommand())
