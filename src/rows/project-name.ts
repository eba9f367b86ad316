import { ValidationError } from '../errors.ts'
import { maxIdLength } from './limits.ts'

/** What the name of a project (a tenant) may be, in words that follow "must be". */
export const acceptedProjectName = `text of 1 to ${maxIdLength} characters, without NUL and lone surrogates`

/** Whether something can be the name of a project. */
export const isProjectName = (value: unknown): value is string =>
  typeof value === 'string' &&
  value.length >= 1 &&
  value.length <= maxIdLength &&
  // Engines replace these, and two tenants would share a row.
  value.isWellFormed() &&
  !value.includes('\0')

/**
 * The name itself.
 *
 * @throws ValidationError for what is no name of a project
 */
export function checkedProjectName(value: unknown): string {
  if (isProjectName(value)) return value
  throw new ValidationError('Invalid project', [{ field: 'projectId', message: `must be ${acceptedProjectName}` }])
}
