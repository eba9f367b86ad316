import type { Pool } from '../engines/pool.ts'
import { entities } from '../rows/accepted-row.ts'
import { compareUtf8 } from '../text/compare-utf8.ts'
import { nextProject } from './read-rows.ts'

/** The projects that have rows, in the order of their bytes; those that the role may see. Each is a step in each index. */
export async function* projectsOf(pool: Pool): AsyncGenerator<string, void, undefined> {
  for (let last: string | undefined; ; ) {
    const next: string[] = []
    for (const entity of entities) {
      const project = await nextProject(pool, entity, last)
      if (project !== undefined) next.push(project)
    }
    last = next.sort(compareUtf8)[0]
    if (last === undefined) return
    yield last
  }
}
