import { writeOtlp } from '../src/formats/otlp/write.ts'
import { openStore } from '../src/index.ts'
import type { NewSpan } from '../src/rows/records.ts'
import { officialBytes } from '../test/formats/protobuf/official.ts'
import { chunked } from './rows.ts'

/** Requests in protobuf with so many spans each, as a batch processor of an SDK makes them (512 by default). */
export async function otlpRequests(spans: readonly NewSpan[], spansPerRequest = 512): Promise<Uint8Array[]> {
  const store = await openStore('sqlite::memory:', { migrate: true })
  try {
    await store.writers.spans.bulk(spans)
    const rows = await store.db.select().from(store.tables.spans).orderBy(store.tables.spans.spanId)
    return chunked(rows, spansPerRequest).map((chunk) => officialBytes('traces', writeOtlp(chunk, [])))
  } finally {
    await store.close()
  }
}
