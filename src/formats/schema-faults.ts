import type { z } from 'zod'
import { ValidationError } from '../errors.ts'
import type { Rejection } from './read-result.ts'

/** What is wrong with a document, by path; nothing where it fits its schema. */
export function schemaFaults(schema: z.ZodType, value: unknown): Rejection[] {
  try {
    const { error } = schema.safeParse(value)
    // zod's own messages name types and never the value.
    return (error?.issues ?? []).map(({ path, message }) => ({ path: path.map(String).join('.'), reason: message }))
  } catch (error) {
    // The stack of the schema's recursion ends before the document does.
    if (error instanceof RangeError) return [{ path: '', reason: 'is nested too deeply' }]
    throw error
  }
}

/** The error for a trace document with these faults. */
export const invalidTrace = (faults: readonly Rejection[]): ValidationError =>
  new ValidationError(
    'Invalid trace',
    faults.map(({ path, reason }) => ({ field: path === '' ? 'trace' : path, message: reason })),
  )
