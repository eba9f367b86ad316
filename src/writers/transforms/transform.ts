import type { Fault } from '../../errors.ts'
import type { Entity } from '../../rows/accepted-row.ts'
import type { Records } from '../../rows/records.ts'

/** A record of any table, and the table's name, which tells what the record is. */
type RecordAndTable = { [E in Entity]: [record: Records[E][number], table: E] }[Entity]

/** A record of any table. */
export type AnyRecord = Records[Entity][number]

/**
 * Called for every record before anything of it is checked, encoded or stored: it answers with the record to store, the
 * same or another one of the same table, or undefined to leave it out. It does not change the record that it is given.
 * It is not asynchronous: a row would wait for it, and its order would be lost.
 *
 * @example
 * const transform: Transform = (record, table) =>
 *   table === 'spans' ? { ...record, costUsd: record.costUsd ?? priceOf(record.model, record.totalTokens) } : record
 */
export type Transform = (...given: RecordAndTable) => AnyRecord | undefined

/** What came of a record: the one to store, undefined where it is left out, or why it is refused. */
export type Transformed = { readonly record: object | undefined } | { readonly faults: readonly Fault[] }

/** A writer's hook, with its failures as answers. */
export type Hook = (record: object, table: Entity) => Transformed

/**
 * One hook of some transforms, one after the other; undefined where there are none.
 *
 * @param whenFails what becomes of a record at which one throws
 */
export function hookOf(transforms: readonly Transform[], whenFails: 'refuse' | 'keep'): Hook | undefined {
  if (transforms.length === 0) return undefined
  // The record and its table come from the writer of that table.
  const calls = transforms as readonly ((record: object, table: Entity) => unknown)[]
  return (given, table) => {
    // No record at all: the checks say so.
    if (typeof given !== 'object' || given === null) return { record: given }
    let record: object = given
    for (const call of calls) {
      try {
        const next = call(record, table)
        if (next === undefined || next === null) return { record: undefined }
        if (typeof next !== 'object' || isPromise(next)) return { faults: [notARecord] }
        record = next
      } catch {
        // What it throws may quote the record.
        if (whenFails === 'refuse') return { faults: [thrown] }
      }
    }
    return { record }
  }
}

const thrown: Fault = { field: 'transform', message: 'threw, and the record is refused (see whenTransformFails)' }
const notARecord: Fault = { field: 'transform', message: 'must return a record or undefined, and no promise' }

/** Whether somebody gave an asynchronous function; its failure must not end the process. */
function isPromise(value: object): boolean {
  if (!('then' in value) || typeof value.then !== 'function') return false
  Promise.resolve(value).catch(() => {})
  return true
}
