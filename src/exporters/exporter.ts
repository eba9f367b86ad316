import type { Span } from '../repositories/span-rows.ts'
import type { NewSpan } from '../rows/records.ts'
import type { AgentRecord } from './record.ts'

/** Whether a batch was handed over. After `FAILURE` the caller may export the same batch again. */
export type ExportResult = 'SUCCESS' | 'FAILURE'

/** Where records of finished work go. None of its methods throws or rejects. */
export interface RecordExporter {
  /** Hands over records, or spans as tracehold keeps them. */
  export(records: readonly (AgentRecord | Span | NewSpan)[]): Promise<ExportResult>
  /** Waits for exports that are under way. Answers whether all that they brought was handed over. */
  forceFlush(): Promise<boolean>
  /** Waits for exports that are under way and disconnects. Safe to call twice; later exports fail. */
  shutdown(): Promise<void>
}
