/** The most characters that the name of a project (a tenant) may have; it has one at least. */
export const mostProjectName = 256

/** What the name of a project may be, in words that follow "must be". */
export const acceptedProjectName = `text of 1 to ${mostProjectName} characters`

/** Whether something can be the name of a project. */
export const isProjectName = (value: unknown): value is string =>
  typeof value === 'string' && value.length >= 1 && value.length <= mostProjectName
