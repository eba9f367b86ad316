import { type Command, InvalidArgumentError } from 'commander'

/** The options of commands that show the last rows, then new ones. */
export interface TailChoices {
  lines: number
  once?: boolean
}

/** Adds how many rows come first, and whether that is all. */
export const withTail = (command: Command, things: string): Command =>
  command
    .option('-n, --lines <count>', `how many of the last ${things} to begin with, at most 1000`, lineCount, 10)
    .option('--once', `end when the last ${things} are shown`)

function lineCount(value: string): number {
  const count = Number(value)
  if (value.trim() !== '' && Number.isInteger(count) && count >= 0 && count <= 1000) return count
  throw new InvalidArgumentError('It must be a whole number from 0 to 1000.')
}
