import { Command } from 'commander'
import type { CommandIo } from '../io.ts'
import { metricsListCommand } from './metrics-list.ts'
import { metricsPointsCommand } from './metrics-points.ts'
import { metricsShowCommand } from './metrics-show.ts'

/** `tracehold metrics` */
export const metricsCommand = (io: CommandIo): Command =>
  new Command('metrics')
    .description('List metrics and their points, or show one metric.')
    .addCommand(metricsListCommand(io))
    .addCommand(metricsShowCommand(io))
    .addCommand(metricsPointsCommand(io))
