import { type Command, InvalidArgumentError, Option } from 'commander'
import type { TraceOrder } from '../repositories/entities/traces-and-spans.ts'
import type { PageOptions } from '../repositories/page.ts'
import { namesOf, positiveInteger } from './options.ts'

/** Where a page of a list is. */
export interface PlaceOptions {
  limit?: number
  after?: string
}

/** The options of lists of traces and spans. */
export interface ListOptions extends PlaceOptions {
  offset?: number
  order?: TraceOrder
  ascending?: boolean
  count?: boolean
}

/** Adds the size and the place of a page. */
export const withPlace = (command: Command): Command =>
  command
    .option('--limit <count>', 'how many, at most 1000 (default: 50)', positiveInteger)
    .option('--after <cursor>', 'go on where the page before ended')

/** Adds the options of lists of traces and spans. */
export const withOrder = (command: Command): Command =>
  withPlace(
    command
      .addOption(
        new Option('--order <order>', 'by start, duration, cost or tokens (default: time)').choices(
          namesOf<TraceOrder>({ time: true, duration: true, cost: true, tokens: true }),
        ),
      )
      .option('--ascending', 'the oldest or smallest first (default: the newest or largest)'),
  )
    .option('--offset <count>', 'leave out so many first; --after stays fast where this does not', wholeNumber)
    .option('--count', 'only how many there are')

/** The page that the options stand for. */
export const pageOf = ({ limit, after, offset, order, ascending }: ListOptions): PageOptions<TraceOrder> => ({
  limit,
  after,
  offset,
  orderBy: order,
  direction: ascending ? 'asc' : undefined,
})

/** A whole number, 0 or more. */
function wholeNumber(value: string): number {
  const number = Number(value)
  if (value.trim() !== '' && Number.isSafeInteger(number) && number >= 0) return number
  throw new InvalidArgumentError('It must be a whole number, 0 or more.')
}
