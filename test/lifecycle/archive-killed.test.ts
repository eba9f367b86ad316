import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream, mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, inject, it } from 'vitest'
import { importDocuments } from '../../src/import/import-documents.ts'
import { openStore } from '../../src/index.ts'
import { describeBackendsForProcesses } from '../backends.ts'
import { runs } from '../runs.ts'
import { onDay, storedIds, untilSettled, wholeTraces, writeWhole } from './life-of-data.ts'

const program = join(import.meta.dirname, 'archive-process.mjs')
const oldTraces = runs(40, 400)
const spansPerTrace = 10

/** The traces in the files of a folder, once for each file that has them. */
const tracesIn = (folder: string) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.gz'))
    .flatMap((name) =>
      gunzipSync(readFileSync(join(folder, name)))
        .toString()
        .split('\n'),
    )
    .flatMap((line) => (line.startsWith('{"traces"') ? [String(JSON.parse(line).traces.traceId)] : []))
    .sort()

describeBackendsForProcesses('archive, killed', (backend) => {
  it(
    'loses nothing, and writes nothing twice',
    async () => {
      const url = await backend.fresh()
      const store = await openStore(url, { migrate: true })
      const to = mkdtempSync(join(inject('servers').directory, 'killed-'))
      const names = Array.from({ length: oldTraces }, (_, n) => `t${String(n).padStart(4, '0')}`)
      await writeWhole(store, [...names.map((traceId) => [traceId, 0] as const), ['young', 9]], spansPerTrace)
      await untilSettled(store)
      const [before] = await store.analytics.usage({ measures: ['spans', 'inputTokens'] })
      for (let round = 1; round <= runs(3, 50); round += 1) {
        const child = fork(program, [url, onDay(5), to, '60'], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
        const ended = once(child, 'exit')
        // Killed in the middle of what comes after a batch, or sooner.
        if (round % 3 === 0) setTimeout(() => child.kill('SIGKILL'), 150 + round * 10)
        else child.once('message', () => child.kill('SIGKILL'))
        await ended
        const { traces = [] } = await storedIds(store)
        expect(new Set([...traces, ...tracesIn(to)]).size).toBe(oldTraces + 1)
      }
      await store.archive({ olderThan: onDay(5), keepUsage: true }, { to })
      expect(await storedIds(store)).toEqual(wholeTraces('young'))
      expect(tracesIn(to)).toEqual(names)
      expect(await store.analytics.usage({ measures: ['spans', 'inputTokens'] })).toEqual([before])
      const again = store.forProject('again')
      for (const name of readdirSync(to).filter((each) => each.endsWith('.gz'))) {
        await importDocuments(again, createReadStream(join(to, name)))
      }
      expect(await storedIds(again)).toEqual(wholeTraces(...names))
      expect((await again.rebuildTraces({ check: true })).differences).toEqual([])
      await store.close()
    },
    runs(120_000, 900_000),
  )
})
