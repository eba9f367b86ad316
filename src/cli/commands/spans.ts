import { Command } from 'commander'
import { spansListCommand } from './spans-list.ts'

/** `tracehold spans` */
export const spansCommand = (): Command =>
  new Command('spans').description('List spans of all traces.').addCommand(spansListCommand())
