import { storageError } from '../driver-errors/storage-error.ts'
import type { Pool } from '../engines/pool.ts'
import { checkedProjectName } from '../rows/project-name.ts'
import type { ReadScope } from './read-scope.ts'

/** Options of a repository that is built on its own. */
export interface RepositoryOptions {
  /** The tenant whose rows are read. @default 'default' */
  projectId?: string | undefined
}

/** What every repository shares: a pool, a tenant, and errors that name the read and never its values. */
export abstract class Repository {
  protected readonly pool: Pool
  protected readonly projectId: string

  constructor(pool: Pool, { projectId = 'default' }: RepositoryOptions = {}) {
    this.pool = pool
    this.projectId = checkedProjectName(projectId)
  }

  /** What filters are compiled for. */
  protected get scope(): ReadScope {
    return { pool: this.pool, projectId: this.projectId }
  }

  /** Builds and runs a query, and turns a failure of either into a StorageError. */
  protected async run<T>(during: string, query: () => PromiseLike<T>): Promise<T> {
    try {
      return await query()
    } catch (error) {
      throw storageError(error, during)
    }
  }
}
