/** What a name of a project (a tenant) must be, in words that follow its name. */
export const projectNameRule = 'must be text of 1 to 256 characters'

/** Whether something can be the name of a project. */
export const isProjectName = (value: unknown): value is string =>
  typeof value === 'string' && value.length >= 1 && value.length <= 256
