import { FormatError, StorageError } from '../errors.ts'

/** What reading one document threw, without the content: what nobody foresaw costs that document alone. */
export function unreadable(thrown: unknown): StorageError {
  if (thrown instanceof StorageError) return thrown
  // It is what a stack that is too small throws.
  if (thrown instanceof RangeError) return new FormatError('The document is nested too deeply')
  return new FormatError(`The document could not be read (${thrown instanceof Error ? thrown.name : typeof thrown})`)
}
