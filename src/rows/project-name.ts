import { maxIdLength } from './limits.ts'

/** What the name of a project (a tenant) may be, in words that follow "must be". */
export const acceptedProjectName = `text of 1 to ${maxIdLength} characters`

/** Whether something can be the name of a project. */
export const isProjectName = (value: unknown): value is string =>
  typeof value === 'string' && value.length >= 1 && value.length <= maxIdLength
