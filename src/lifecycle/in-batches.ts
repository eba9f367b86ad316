/** What is known of a trace that is to go. */
export interface SizedTrace {
  readonly traceId: string
  readonly startTime: string
  readonly endTime: string | null
  readonly spanCount: number
}

/** Traces in groups of about so many rows; one with more is alone. */
export async function* inBatches(
  traces: AsyncIterable<SizedTrace> | Iterable<SizedTrace>,
  mostRows: number,
): AsyncGenerator<SizedTrace[], void, undefined> {
  let batch: SizedTrace[] = []
  let rows = 0
  for await (const trace of traces) {
    const own = trace.spanCount + 1
    if (batch.length > 0 && rows + own > mostRows) {
      yield batch
      batch = []
      rows = 0
    }
    batch.push(trace)
    rows += own
  }
  if (batch.length > 0) yield batch
}
