import { z } from 'zod'
import { writerDefaults } from '../writers/options.ts'
import { dayMs, duration, flag, hourMs, mostBytes, mostRows, oneOf, whole } from './setting.ts'

const writerNames = (key: string, description: string) => ({
  description,
  env: [`TRACEHOLD_WRITER_${key.toUpperCase()}`],
  file: [`writers.${key}`],
})

/** How writers form batches, and how they treat failures. */
export const writers = z.object({
  ack: oneOf(['committed', 'queued'], writerDefaults.ack, writerNames('ack', 'When a write resolves.')),
  batchRows: whole(
    1,
    mostRows,
    writerDefaults.batchRows,
    writerNames('batch_rows', 'A batch is sent at so many rows.'),
  ),
  batchBytes: whole(
    1024,
    mostBytes,
    writerDefaults.batchBytes,
    writerNames('batch_bytes', 'A batch is sent at so many bytes of heap.'),
  ),
  maxAgeMs: duration(
    1,
    hourMs,
    writerDefaults.maxAgeMs,
    writerNames('max_age_ms', 'A batch is sent when its oldest row has waited so long.'),
  ),
  queueRows: whole(1, mostRows, writerDefaults.queueRows, writerNames('queue_rows', 'Rows that may wait in memory.')),
  queueBytes: whole(
    1024,
    mostBytes,
    writerDefaults.queueBytes,
    writerNames('queue_bytes', 'Bytes of heap that waiting rows may take.'),
  ),
  whenFull: oneOf(
    ['block', 'drop'],
    writerDefaults.whenFull,
    writerNames('when_full', 'What a write does while the queue is full.'),
  ),
  retryForMs: duration(
    0,
    dayMs,
    writerDefaults.retryForMs,
    writerNames('retry_for_ms', 'How long a batch is tried before its rows are given up.'),
  ),
  maxAttempts: whole(
    1,
    1_000_000,
    writerDefaults.maxAttempts,
    writerNames('max_attempts', 'How often a batch is tried at most.'),
  ),
  retryDelayMs: duration(
    0,
    hourMs,
    writerDefaults.retryDelayMs,
    writerNames('retry_delay_ms', 'The longest wait before the second try.'),
  ),
  maxRetryDelayMs: duration(
    0,
    hourMs,
    writerDefaults.maxRetryDelayMs,
    writerNames('max_retry_delay_ms', 'The longest wait between two tries.'),
  ),
  captureContent: flag(writerDefaults.captureContent, {
    description: 'Whether what models and tools were given and gave is stored.',
    env: ['TRACEHOLD_CAPTURE_CONTENT'],
    file: ['writers.capture_content', 'capture_content'],
  }),
  method: oneOf(['auto', 'copy', 'insert'], writerDefaults.method, writerNames('method', 'How rows reach PostgreSQL.')),
})
