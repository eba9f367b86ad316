import { type Column, getTableColumns } from 'drizzle-orm'
import { expect, it } from 'vitest'
import { clickhouseTables } from '../../schema/clickhouse.ts'
import { enumValuesOf } from '../../schema/kit/enum-values.ts'
import { postgresTables } from '../../schema/postgres-tables.ts'
import { events, logs, metricPoints, metrics, results, spans, traces } from '../../schema/sqlite.ts'
import { metricTypes, otelKinds, resultKinds, resultStatuses, spanKinds, statuses } from '../../schema/values.ts'
import { entities } from '../../src/rows/accepted-row.ts'

const sqliteTables = { traces, spans, events, results, metrics, metricPoints, logs }

const vocabularies = (columns: Readonly<Record<string, Column>>) =>
  Object.fromEntries(Object.entries(columns).flatMap(([key, column]) => [[key, enumValuesOf(column)]]))

it('the columns of every engine keep the values that they take', () => {
  expect(vocabularies(getTableColumns(postgresTables.spans))).toMatchObject({
    kind: spanKinds,
    status: statuses,
    otelKind: otelKinds,
    name: undefined,
  })
  expect(vocabularies(getTableColumns(postgresTables.results))).toMatchObject({
    kind: resultKinds,
    status: resultStatuses,
  })
  expect(vocabularies(getTableColumns(postgresTables.metricPoints))).toMatchObject({ type: metricTypes })
  for (const entity of entities) {
    const expected = vocabularies(getTableColumns(postgresTables[entity]))
    expect(vocabularies(getTableColumns(clickhouseTables[entity]))).toEqual(expected)
    expect(vocabularies(getTableColumns(sqliteTables[entity]))).toEqual(expected)
  }
})
