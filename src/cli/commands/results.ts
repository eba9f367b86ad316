import { Command } from 'commander'
import { resultsCompareCommand } from './results-compare.ts'
import { resultsListCommand } from './results-list.ts'

/** `tracehold results` */
export const resultsCommand = (): Command =>
  new Command('results')
    .description('List results of tests and evaluations, or compare two runs.')
    .addCommand(resultsListCommand())
    .addCommand(resultsCompareCommand())
