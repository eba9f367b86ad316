import { type Entity, storedSpecs } from '../rows/accepted-row.ts'

/**
 * What happens to a row whose key is stored already: its columns are replaced when its stamp is higher or equal. Of a
 * trace only the author's columns are; the others follow from them.
 *
 * @param table the table's name, quoted
 */
export function onConflict(entity: Exclude<Entity, 'traces'>, table: string): string {
  const specs = storedSpecs[entity]
  const keys = specs.filter((spec) => spec.primaryKey).map((spec) => `"${spec.name}"`)
  const replaced = specs.filter((spec) => !spec.primaryKey).map((spec) => spec.name)
  const set = [...replaced, 'commit_seq'].map((name) => `"${name}" = excluded."${name}"`)
  return `on conflict (${keys.join(', ')}) do update set ${set.join(', ')} where excluded.written_at >= ${table}.written_at`
}

/** The names of an entity's columns, quoted, in the order of a row's values. */
export const columnList = (entity: Entity): string => storedSpecs[entity].map(({ name }) => `"${name}"`).join(', ')
