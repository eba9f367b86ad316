import fc from 'fast-check'
import { afterAll, beforeAll, expect, it, test } from 'vitest'
import { readOtlpLogs } from '../../src/formats/otlp/logs-read.ts'
import { type StoredLog, writeOtlpLogs } from '../../src/formats/otlp/logs-write.ts'
import { importDocuments } from '../../src/import/import-documents.ts'
import { openStore, type Store } from '../../src/index.ts'
import { describeBackends } from '../backends.ts'
import { collect } from '../collect.ts'
import { runs, runsOn } from '../runs.ts'
import { canonicalOtlpLogs } from './canonical-otlp-logs.ts'
import { instantAt } from './instant-at.ts'
import { otlpLogDocuments } from './otlp-log-documents.ts'

describeBackends('OTLP logs', (backend) => {
  let store: Store

  beforeAll(async () => {
    store = await openStore(backend.url(), { migrate: true })
  })
  afterAll(() => store.close())

  it('come back canonically equal from the database', { timeout: runs(120_000, 900_000) }, async () => {
    let run = 0
    await fc.assert(
      fc.asyncProperty(otlpLogDocuments, async (document) => {
        run += 1
        const project = store.forProject(`run-${run}`)
        const { logs, rejected } = readOtlpLogs(document)
        expect(rejected).toEqual([])
        await project.writers.logs.write(logs)
        const written = writeOtlpLogs(await collect(project.logs.stream()))
        expect(canonicalOtlpLogs(written)).toEqual(canonicalOtlpLogs(document))
      }),
      { numRuns: runsOn(backend, 60, 1000) },
    )
  })

  it('imported twice are stored once, and equal records of one source each, on one line or several', async () => {
    const log = { timeUnixNano: '1544712660300000001', body: { stringValue: 'twice' } }
    const line = (logRecords: object[]) => JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] })
    const text = [line([log, log]), line([log]), line([{ ...log, severityNumber: 99, severityText: 'Error' }])].join(
      '\n',
    )
    const source = () =>
      (async function* () {
        yield text
      })()
    const project = store.forProject('import')
    const repaired: string[] = []
    const report = await importDocuments(project, source(), { onRepaired: ({ message }) => repaired.push(message) })
    expect(report).toMatchObject({ logs: 4, rejected: 0, repaired: 1 })
    expect(repaired).toEqual([expect.stringMatching(/severityNumber is no severity from 1 to 24: it is left out$/)])
    await importDocuments(project, source())
    expect(await project.logs.count()).toBe(4)
    expect(await project.logs.count({ minSeverity: 'error' })).toBe(1)
  })
})

test('an evaluation event is a result as well', () => {
  const value = (stringValue: string) => ({ stringValue })
  const attributes = [
    { key: 'gen_ai.evaluation.name', value: value('Relevance') },
    { key: 'gen_ai.evaluation.score.value', value: { doubleValue: 0.75 } },
    { key: 'gen_ai.evaluation.score.label', value: value('Pass') },
    { key: 'gen_ai.evaluation.explanation', value: value('it answers') },
    { key: 'gen_ai.response.id', value: value('resp-1') },
  ]
  const event = { eventName: 'gen_ai.evaluation.result', traceId: 'AB', spanId: 'CD', timeUnixNano: '1000', attributes }
  const read = (each: object) => readOtlpLogs({ resourceLogs: [{ scopeLogs: [{ logRecords: [each] }] }] })
  expect(read(event)).toMatchObject({
    logs: [{ eventName: 'gen_ai.evaluation.result' }],
    results: [
      {
        kind: 'evaluation',
        name: 'Relevance',
        score: 0.75,
        label: 'Pass',
        status: 'passed',
        explanation: 'it answers',
        responseId: 'resp-1',
        traceId: 'ab',
        spanId: 'cd',
        time: instantAt('1970-01-01T00:00:00.000001Z'),
      },
    ],
  })
  const scored = { ...event, attributes: [{ key: 'gen_ai.evaluation.score.value', value: { doubleValue: 4.5 } }] }
  // Out of 0 to 1: the attributes keep it.
  expect(read(scored).results).toMatchObject([
    { name: 'evaluation', score: null, status: null, attributes: { 'gen_ai.evaluation.score.value': 4.5 } },
  ])
  expect(read({ ...event, eventName: 'other' }).results).toEqual([])
})

const readLogs = (...logRecords: unknown[]) => readOtlpLogs({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] })

test.each([
  [{ severityNumber: 'LOUD' }, 'severityNumber', 'is not a whole number: it is left out'],
  [{ severityNumber: 40 }, 'severityNumber', 'is no severity from 1 to 24: it is left out'],
  [{ severityNumber: -1 }, 'severityNumber', 'is not a whole number: it is left out'],
  [{ body: 'text' }, 'body', 'is not an object: it is left out'],
  [{ timeUnixNano: 'now' }, 'timeUnixNano', 'is not a time in nanoseconds since 1970: it is left out'],
])('a detail that does not fit is left out and named, and its record is kept: %j', (record, path, reason) => {
  const { logs, rejected, repaired } = readLogs(record, {})
  expect(logs).toHaveLength(2)
  expect(rejected).toEqual([])
  expect(repaired).toEqual([{ path: `resourceLogs[0].scopeLogs[0].logRecords[0].${path}`, reason }])
})

test('what is no record is left out and named', () => {
  const { logs, rejected } = readLogs(7, {})
  expect(logs).toHaveLength(1)
  expect(rejected).toEqual([{ path: 'resourceLogs[0].scopeLogs[0].logRecords[0]', reason: 'is not an object' }])
})

test.each([
  ['ERROR', 17],
  ['warning', 13],
  ['Information', 9],
  ['INFO2', 10],
  ['CRITICAL', 21],
  ['Trace', 1],
  ['loud', null],
])('a severity that only the text %s says counts, and is not written as a number', (severityText, severity) => {
  const { logs } = readLogs({ severityText })
  expect(logs).toMatchObject([{ severity, severityText }])
  const stored = { ...logs[0], time: '2026-11-20T10:03:00.123456Z', observedTime: null, bodyText: null } as StoredLog
  expect(writeOtlpLogs([stored]).resourceLogs[0]?.scopeLogs[0]?.logRecords[0]).not.toHaveProperty('severityNumber')
})

test('field names may be in snake case', () => {
  const record = { time_unix_nano: '1544712660300000000', severity_number: 9 }
  const { logs } = readOtlpLogs({ resource_logs: [{ scope_logs: [{ log_records: [record] }] }] })
  expect(logs).toMatchObject([{ time: instantAt('2018-12-13T14:51:00.300000Z'), severity: 9 }])
})
