import { type Command, InvalidArgumentError, Option } from 'commander'
import { type BucketUnit, bucketUnits } from '../engines/dialect.ts'
import { type UsageDimension, usageDimensions } from '../repositories/analytics/dimensions.ts'

/** The grouping of usage and latency. */
export interface GroupChoices {
  by?: UsageDimension[]
  bucket?: BucketUnit
  compare?: boolean
  fill?: boolean
}

/** Adds the options of grouping. */
export const withGroups = (command: Command): Command =>
  command
    .option('--by <names>', `group by ${usageDimensions.join(', ')}; several with commas`, readDimensions)
    .addOption(new Option('--bucket <unit>', 'and by time, in UTC').choices(bucketUnits))
    .option('--fill', 'show buckets without data too')
    .option('--compare', 'beside the period before, which is as long; needs --since')

/** The grouping of the library that the options ask for. */
export const groupsOf = ({ by = [], bucket, compare = false, fill }: GroupChoices) => ({ by, bucket, compare, fill })

function readDimensions(text: string, before: UsageDimension[] = []): UsageDimension[] {
  const names = text.split(',').map((name) => name.trim())
  const known = names.filter((name): name is UsageDimension => usageDimensions.some((each) => each === name))
  if (known.length === names.length) return [...new Set([...before, ...known])]
  throw new InvalidArgumentError(`It takes ${usageDimensions.join(', ')}.`)
}
