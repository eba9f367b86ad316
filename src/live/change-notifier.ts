import type { Entity } from '../rows/accepted-row.ts'

/** Word that something was written: which tables of which project, never what. */
export interface Word {
  readonly projectId: string
  readonly entities: readonly Entity[]
}

/**
 * Carries word of writes between processes. Rows never travel this way: whoever hears looks into the database, and
 * looks now and then without having heard. So word that is lost costs a moment, never a row.
 */
export interface Courier {
  /** Sends word. It may fail, and nobody waits for it. */
  send(word: Word): Promise<void>
  /**
   * Hears word of others until the signal ends it. It goes on by itself after failures.
   *
   * @param heard without a word: some may have been missed
   */
  listen(heard: (word: Word | undefined) => void, signal: AbortSignal): void
}

/** A word as text. */
export const encodeWord = ({ projectId, entities }: Word): string => JSON.stringify([projectId, ...entities])

/** The word in a text; undefined for what is none. */
export function decodeWord(text: string | undefined): Word | undefined {
  try {
    const parts: unknown = JSON.parse(text ?? '')
    if (!Array.isArray(parts) || !parts.every((part) => typeof part === 'string')) return undefined
    const [projectId = '', ...entities] = parts
    return { projectId, entities: entities as Entity[] }
  } catch {
    return undefined
  }
}
