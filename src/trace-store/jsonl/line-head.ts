import { microsFromPython } from '../../formats/python-time.ts'
import { readDocument } from '../../formats/selectools/document.ts'

/** What a line says before it is read in full. */
export interface LineHead {
  readonly runId: string
  readonly savedMicros: number
}

/** What a line says of its trace; undefined when it is none. */
export function headOf(bytes: Buffer): LineHead | undefined {
  const line = parsed(bytes.toString())
  if (typeof line !== 'object' || line === null) return undefined
  const { run_id: runId, created_at: createdAt, trace } = line as Record<string, unknown>
  const isTrace = typeof trace === 'object' && trace !== null && 'steps' in trace && Array.isArray(trace.steps)
  if (typeof runId !== 'string' || runId === '' || !isTrace) return undefined
  const micros = microsFromPython(typeof createdAt === 'string' ? createdAt : '')
  return { runId, savedMicros: micros >= 0 ? micros : noDateMicros }
}

const noDateMicros = microsFromPython('2000-01-01T00:00:00Z')

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    try {
      return /NaN|Infinity/.test(text) ? readDocument(text) : undefined
    } catch {
      return undefined
    }
  }
}
