import { Command } from 'commander'
import { metricsListCommand } from './metrics-list.ts'
import { metricsShowCommand } from './metrics-show.ts'

/** `tracehold metrics` */
export const metricsCommand = (): Command =>
  new Command('metrics')
    .description('List metrics, or show one.')
    .addCommand(metricsListCommand())
    .addCommand(metricsShowCommand())
