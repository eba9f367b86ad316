/** A moment in the order of transactions. */
export interface CommitPoint {
  /** The number below which every transaction has ended: what they stored is to be seen, and nothing comes after it. */
  readonly horizon: number
  /** A name for what led there. A database that was restored, copied or promoted goes on under another one. */
  readonly history: string
}

/** The order in which rows were stored, which `follow` and `sync` go by. */
export interface CommitOrder {
  /**
   * Where the database is.
   *
   * @param since a point that was reached before
   * @throws RestoredError when `since` is no part of what led here, or rows have numbers of another server; StorageError
   *   when the database does not answer
   */
  now(since?: CommitPoint): Promise<CommitPoint>
  /**
   * Gives rows that have numbers of another server numbers of this one, while others read and write. Missing where
   * numbers stay right in a copy.
   *
   * @returns how many rows got another number
   * @throws StorageError when the role may not change the rows of all projects
   */
  restamp?(onProgress?: (rows: number) => void): Promise<number>
}
