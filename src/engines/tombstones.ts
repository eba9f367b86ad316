/** Tables whose rows are remembered when they are erased. A trace stands for all that belongs to it. */
export type BuriedEntity = 'traces' | 'results' | 'metricPoints' | 'logs'

/** What was erased, so that no late or repeated row with an older stamp brings it back. */
export interface Tombstones {
  /** Whether anything of a project was erased, as far as the user of the database may know. */
  hasAny(projectId: string): Promise<boolean>
  /** Which of some keys were erased, and when, in microseconds since 1970. */
  find(projectId: string, entity: BuriedEntity, keys: readonly string[]): Promise<ReadonlyMap<string, number>>
  /** Notes that keys are erased. */
  add(projectId: string, entity: BuriedEntity, keys: readonly string[], erasedAt: number): Promise<void>
  /** Forgets what was erased before an instant, when no row can be on its way any more. */
  purge(projectId: string, before: number): Promise<void>
}
