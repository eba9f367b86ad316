import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { exportDocuments, importDocuments, openStore, type Store } from '../src/index.ts'
import type { Bench } from './bench.ts'
import { type Contender, interleave } from './interleave.ts'
import { comparison } from './report.ts'
import { parsedSpans } from './rows.ts'

/** OTLP/JSON lines to stored rows. */
export const importBench: Bench = {
  name: 'import',
  about: 'OTLP lines into SQLite, against bulk() of the same spans as objects, and JSON.parse of the lines',
  async run(options) {
    const spans = parsedSpans(options.rows)
    const directory = await mkdtemp(join(tmpdir(), 'tracehold-bench-'))
    const url = `sqlite:${join(directory, 'bench.db')}`
    try {
      const lines = await otlpLines(spans)
      const intoFreshFile = (id: string, about: string, write: (store: Store) => Promise<unknown>): Contender => {
        let store: Store | undefined
        return {
          id,
          about,
          rows: spans.length,
          async prepare() {
            await rm(directory, { recursive: true })
            store = await openStore(url, { migrate: true })
          },
          run: async () => void (await (store && write(store))),
          async verify() {
            const found = await store?.spans.count()
            await store?.close()
            if (found !== spans.length) throw new Error(`Expected ${spans.length} spans, found ${found}.`)
          },
        }
      }
      const measured = await interleave(
        [
          intoFreshFile('import', 'importDocuments()', (store) => importDocuments(store, Readable.from(lines))),
          intoFreshFile('bulk', 'bulk() of the spans as objects', (store) => store.writers.spans.bulk(spans)),
          {
            id: 'parse',
            about: 'JSON.parse of each line, and nothing else',
            rows: spans.length,
            run: async () => void lines.map((line) => JSON.parse(line)),
          },
        ],
        options,
      )
      return [comparison('OTLP lines into SQLite', measured, ['bulk', 'parse'])]
    } finally {
      await rm(directory, { recursive: true, force: true })
    }
  },
}

async function otlpLines(spans: ReturnType<typeof parsedSpans>): Promise<string[]> {
  const store = await openStore('sqlite::memory:', { migrate: true })
  try {
    await store.writers.spans.bulk(spans)
    const lines: string[] = []
    for await (const { text } of exportDocuments(store)) lines.push(...text.trimEnd().split('\n'))
    return lines.map((line) => `${line}\n`)
  } finally {
    await store.close()
  }
}
