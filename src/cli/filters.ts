import { type Command, Option } from 'commander'
import { type Status, statuses } from '../../schema/values.ts'
import type { CommonFilter } from '../repositories/filters.ts'
import { parseInstant } from './instant.ts'

/** The filters of traces and spans as options. */
export interface FilterOptions {
  name?: string[]
  agent?: string[]
  service?: string[]
  status?: Status[]
  session?: string[]
  user?: string[]
  environment?: string[]
  provider?: string[]
  model?: string[]
  since?: Date | string
  until?: Date | string
}

// Commander also hands over the value that the option had before, which is no clock.
const readInstant = (text: string) => parseInstant(text)

/** Adds the filters of traces and spans. Where several values are given, any of them fits. */
export const withFilters = (command: Command): Command =>
  command
    .option('--name <name...>', 'only with this name; of several names any fits, here and below')
    .option('--agent <name...>', 'only of this agent')
    .option('--service <name...>', 'only of this service')
    .addOption(new Option('--status <status...>', 'only with this status').choices(statuses))
    .option('--session <id...>', 'only of this session or conversation')
    .option('--user <id...>', 'only of this end user')
    .option('--environment <name...>', 'only of this environment')
    .option('--provider <name...>', 'only of this provider')
    .option('--model <name...>', 'only of this model')
    .option('--since <time>', 'started then or later: 7d, 24h, 2026-11-01, 2026-11-01T10:30 (local time)', readInstant)
    .option('--until <time>', 'started before then', readInstant)

/** The library's filter that the options stand for. */
export const filterOf = (options: FilterOptions): CommonFilter => ({
  name: options.name,
  agentName: options.agent,
  serviceName: options.service,
  status: options.status,
  sessionId: options.session,
  userId: options.user,
  environment: options.environment,
  provider: options.provider,
  model: options.model,
  since: options.since,
  until: options.until,
})
