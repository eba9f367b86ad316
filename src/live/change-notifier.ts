import type { Entity } from '../rows/accepted-row.ts'

/** Says that something was written: which tables of which project, never which rows. */
export interface ChangeNotice {
  readonly projectId: string
  readonly entities: readonly Entity[]
}

/**
 * Carries notices of writes between processes. Rows never travel this way: a reader that gets a notice looks into the
 * database, and it looks now and then without one. So a lost notice costs a moment, never a row.
 */
export interface ChangeNotifier {
  /** Sends a notice. It may fail, and no caller waits for it. */
  send(notice: ChangeNotice): Promise<void>
  /**
   * Receives notices of other processes until the signal aborts. It goes on by itself after failures.
   *
   * @param onNotice called without a notice when some may have been missed
   */
  listen(onNotice: (notice: ChangeNotice | undefined) => void, signal: AbortSignal): void
}

/** A notice as text. */
export const encodeNotice = ({ projectId, entities }: ChangeNotice): string => JSON.stringify([projectId, ...entities])

/** The notice in a text; undefined for any other text. */
export function decodeNotice(text: string | undefined): ChangeNotice | undefined {
  try {
    const parts: unknown = JSON.parse(text ?? '')
    if (!Array.isArray(parts) || !parts.every((part) => typeof part === 'string')) return undefined
    const [projectId = '', ...entities] = parts
    return { projectId, entities: entities as Entity[] }
  } catch {
    return undefined
  }
}
