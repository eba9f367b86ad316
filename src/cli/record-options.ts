import type { Command } from 'commander'
import { parseInstant } from './instant.ts'
import { type PlaceOptions, withPlace } from './page-options.ts'

/** The options of lists of records. */
export interface RecordListOptions extends PlaceOptions {
  since?: Date | string
  until?: Date | string
}

// Commander also hands over the value that the option had before, which is no clock.
const readInstant = (text: string) => parseInstant(text)

/** Adds a range of time. */
export const withTimes = (command: Command): Command =>
  command
    .option('--since <time>', 'then or later: 7d, 24h, 2026-11-01, 2026-11-01T10:30 (local time)', readInstant)
    .option('--until <time>', 'before then', readInstant)

/** Adds a range of time and the options of pages. */
export const withPages = (command: Command): Command => withPlace(withTimes(command))
