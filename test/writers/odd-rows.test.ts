import { afterAll, beforeAll, expect, it } from 'vitest'
import { BatchError, exportDocuments, openStore, type Store } from '../../src/index.ts'
import { describeBackends } from '../backends.ts'
import { thrown } from '../engines/thrown.ts'
import { oddRows, span } from './odd-rows.ts'

describeBackends('odd rows', (backend) => {
  let store: Store
  beforeAll(async () => {
    store = await openStore(backend.url())
  })
  afterAll(() => store.close())

  it('are refused by index with their field, whatever they do while they are read, and the rest is stored', async () => {
    const { writers, spans } = store.forProject('odd')
    const rows = oddRows.flatMap(([, row], i) => [span(`before ${i}`), row])
    const error = (await thrown(writers.spans.write(rows as never[]))) as BatchError
    expect(error).toBeInstanceOf(BatchError)
    expect(error.stored).toBe(oddRows.length)
    expect(error.rejected.map(({ index }) => index)).toEqual(oddRows.map((_, i) => i * 2 + 1))
    for (const [i, [title, , reason]] of oddRows.entries()) {
      expect.soft(error.rejected[i]?.message, title).toMatch(reason)
    }
    expect(JSON.stringify(error)).not.toMatch(/a secret/)
    expect(await spans.count()).toBe(oddRows.length)
  })

  it('alone are refused too, and end no bulk write', async () => {
    const { writers } = store.forProject('odd alone')
    for (const [, row] of oddRows) {
      expect(await thrown(writers.spans.write(row as never))).toMatchObject({ rejected: [{ index: 0 }] })
    }
    const result = await writers.spans.bulk([span('a'), ...oddRows.map(([, row]) => row), span('b')] as never[])
    expect(result).toMatchObject({ stored: 2, rejected: oddRows.length })
  })

  it('of metadata that is no object are refused in traces', async () => {
    const { traces } = store.forProject('odd traces').writers
    for (const metadata of ['text', [1], 5, true]) {
      const error = await thrown(traces.write({ traceId: 't', metadata } as never))
      expect(error.message).toMatch(/metadata must be an object/)
    }
  })

  it('leave every export whole', async () => {
    const project = store.forProject('odd')
    let text = ''
    for await (const piece of exportDocuments(project)) text += piece.text
    expect(text.match(/"before \d+"|spanId/g)?.length).toBeGreaterThanOrEqual(oddRows.length)
  })

  it('of a project that an engine would rename are none: its name is refused', async () => {
    for (const name of ['a\0', 'a\ud800', '\udc00']) expect(() => store.forProject(name)).toThrow(/projectId must be/)
  })
})
