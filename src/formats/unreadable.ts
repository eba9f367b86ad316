import { FormatError, StorageError } from '../errors.ts'

/** The error for a document that could not be read, without its content. An unexpected error rejects that document alone. */
export function unreadable(thrown: unknown): StorageError {
  if (thrown instanceof StorageError) return thrown
  // The stack was too small.
  if (thrown instanceof RangeError) return new FormatError('The document is nested too deeply')
  return new FormatError(`The document could not be read (${thrown instanceof Error ? thrown.name : typeof thrown})`)
}
