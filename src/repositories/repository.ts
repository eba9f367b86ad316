import type { Pool, ReadOptions } from '../engines/pool.ts'
import { limitedReader } from '../engines/reader.ts'
import { checkedProjectName } from '../rows/project-name.ts'
import { readError } from './read-options.ts'
import type { PoolScope, ReadScope } from './read-scope.ts'

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
  protected get scope(): PoolScope {
    return { pool: this.pool, projectId: this.projectId }
  }

  /** The same, for a read that ends as its options say. */
  protected within(options: ReadOptions): ReadScope {
    return { pool: limitedReader(this.pool, options), projectId: this.projectId, signal: options.signal }
  }

  /** Builds and runs a query within the limits of a read, and turns a failure of either into a StorageError. */
  protected async run<T>(
    during: string,
    query: (scope: ReadScope) => PromiseLike<T>,
    options: ReadOptions = {},
  ): Promise<T> {
    try {
      return await query(this.within(options))
    } catch (error) {
      throw readError(error, during, options.signal)
    }
  }
}
