import { type Command, InvalidArgumentError, Option } from 'commander'
import type { PageOptions } from '../repositories/page.ts'
import { namesOf, positiveInteger } from './options.ts'

/** The options of lists: which page, in which order, or only how many there are. */
export interface ListOptions<O extends string> {
  limit?: number
  after?: string
  offset?: number
  order?: O
  ascending?: boolean
  descending?: boolean
  count?: boolean
}

/** The orders that a list has, the default first. */
type Orders<O extends string> = Readonly<Record<O, true>>

/** Adds the options of a list, which begins with the newest or largest unless `direction` says otherwise. */
export function withPages<O extends string>(
  command: Command,
  orders: Orders<O>,
  direction: 'asc' | 'desc' = 'desc',
): Command {
  const names = namesOf<O>(orders)
  if (names.length > 1) {
    command.addOption(new Option('--order <order>', `by ${names.join(', ')} (default: ${names[0]})`).choices(names))
  }
  if (direction === 'desc') {
    command.option('--ascending', 'the oldest or smallest first (default: the newest or largest)')
  } else {
    command.option('--descending', 'the last first (default: the first)')
  }
  return command
    .option('--limit <count>', 'how many, at most 1000 (default: 50)', positiveInteger)
    .option('--after <cursor>', 'go on where the page before ended')
    .option('--offset <count>', 'leave out so many first; --after stays fast where this does not', wholeNumber)
    .option('--count', 'only how many there are')
}

/** The page that the options ask for. */
export const pageOf = <O extends string>(options: ListOptions<O>): PageOptions<O> => ({
  limit: options.limit,
  after: options.after,
  offset: options.offset,
  orderBy: options.order,
  direction: options.ascending ? 'asc' : options.descending ? 'desc' : undefined,
})

/** A whole number, 0 or more. */
function wholeNumber(value: string): number {
  const number = Number(value)
  if (value.trim() !== '' && Number.isSafeInteger(number) && number >= 0) return number
  throw new InvalidArgumentError('It must be a whole number, 0 or more.')
}
