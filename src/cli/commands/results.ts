import { Command } from 'commander'
import type { CommandIo } from '../io.ts'
import { resultsCompareCommand } from './results-compare.ts'
import { resultsListCommand } from './results-list.ts'

/** `tracehold results` */
export const resultsCommand = (io: CommandIo): Command =>
  new Command('results')
    .description('List results of tests and evaluations, or compare two runs.')
    .addCommand(resultsListCommand(io))
    .addCommand(resultsCompareCommand(io))
