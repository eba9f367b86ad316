/** What was left out, and why. */
export interface ImportRejection {
  /** The line of the source on which its document begins, from 1. */
  readonly line: number
  /** What is wrong, without the content. */
  readonly message: string
}
