import { Command } from 'commander'
import type { CommandIo } from '../io.ts'
import { metricsListCommand } from './metrics-list.ts'
import { metricsShowCommand } from './metrics-show.ts'

/** `tracehold metrics` */
export const metricsCommand = (io: CommandIo): Command =>
  new Command('metrics')
    .description('List metrics, or show one.')
    .addCommand(metricsListCommand(io))
    .addCommand(metricsShowCommand(io))
