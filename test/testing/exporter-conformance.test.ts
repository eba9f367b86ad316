import { describe, expect, it } from 'vitest'
import { ClickHouseExporter, type RecordExporter } from '../../src/index.ts'
import { InMemoryClickHouseClient, runExporterConformance } from '../../src/testing/index.ts'

const inMemory = (): RecordExporter =>
  new ClickHouseExporter({ client: new InMemoryClickHouseClient(), onError: () => {} })

describe('runExporterConformance', () => {
  runExporterConformance({ describe, it, open: () => ({ subject: inMemory() }) })

  /** The names of the tests that an exporter fails. */
  async function failures(exporter: () => RecordExporter): Promise<string[]> {
    const tests: { name: string; test: () => Promise<void> }[] = []
    runExporterConformance({
      describe: (_, suite) => suite(),
      it: (name, test) => tests.push({ name, test }),
      open: () => ({ subject: exporter() }),
    })
    const failed: string[] = []
    for (const { name, test } of tests) await test().catch(() => failed.push(name))
    return failed
  }

  it('finds what an exporter does wrong', async () => {
    const but = (wrong: Partial<RecordExporter>) => () => {
      const good = inMemory()
      const { export: send, forceFlush, shutdown } = { ...bound(good), ...wrong }
      return { export: send, forceFlush, shutdown }
    }
    const bound = (good: RecordExporter): RecordExporter => ({
      export: (records) => good.export(records),
      forceFlush: () => good.forceFlush(),
      shutdown: () => good.shutdown(),
    })
    const fails = async () => {
      throw new Error('no')
    }
    expect(await failures(but({}))).toEqual([])
    expect(await failures(but({ export: async () => 'FAILURE' }))).toEqual(['exports records', 'exports nothing'])
    expect(await failures(but({ export: fails }))).toHaveLength(4)
    expect(await failures(but({ forceFlush: fails }))).toContain('flushes, twice')
    expect(await failures(but({ shutdown: fails }))).toContain('shuts down, twice, and unused')
  })
})
