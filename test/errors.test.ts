import { inspect } from 'node:util'
import Database from 'better-sqlite3'
import { expect, it } from 'vitest'
import { BatchError, DriverError, openStore, StorageError, type Store, type WriterOptions } from '../src/index.ts'
import { type Backend, describeBackends } from './backends.ts'
import { thrown } from './engines/thrown.ts'
import { executeClickHouse } from './servers/clickhouse.ts'
import { executePostgres } from './servers/databases.ts'

const marker = 'MARKER-4f1d-do-not-tell'

/** Runs SQL on a store's database, as its owner might. */
const execute: Record<Backend['name'], (url: string, sql: string) => Promise<unknown>> = {
  async sqlite(url, sql) {
    const database = new Database(url.slice('sqlite:'.length))
    database.exec(sql)
    database.close()
  },
  postgres: executePostgres,
  clickhouse: executeClickHouse,
}

const raise = (sqlState: string) => `
  create function tell() returns trigger language plpgsql as
    $$ begin raise exception 'told %', new.name using errcode = '${sqlState}', detail = new.name, hint = new.name; end $$;
  create trigger tell before insert on tracehold.spans for each row execute function tell()`

/** Ways in which an engine refuses a row and quotes it. */
const refusals: Record<Backend['name'], Record<string, string>> = {
  sqlite: {
    'a trigger': `create trigger tell before insert on tracehold_spans begin select raise(abort, 'told ' || new.name); end`,
    'a unique index': `insert into tracehold_spans (project_id, trace_id, span_id, name, kind, status, start_time, attributes, written_at)
      values ('p', 't', 's', '${marker}', 'llm', 'ok', 0, '{}', 0); create unique index one on tracehold_spans (name)`,
    'a missing column': 'alter table tracehold_spans rename column name to title',
    'a missing table': 'drop table tracehold_spans',
  },
  postgres: {
    'a trigger': raise('P0001'),
    'a trigger with a code of its own': raise('TH001'),
    'a trigger that feigns an internal error': raise('XX000'),
    'a check': `alter table tracehold.spans add constraint named check (name <> '${marker}')`,
    'a unique index': `insert into tracehold.spans (project_id, trace_id, span_id, name, kind, status, start_time, attributes, written_at)
      values ('p', 't', 's', '${marker}', 'llm', 'ok', now(), '{}', now()); create unique index one on tracehold.spans (name)`,
    'a narrower type': `alter table tracehold.spans alter column name type integer using 0`,
    'a missing column': 'alter table tracehold.spans rename column name to title',
    'a missing table': 'drop table tracehold.spans',
  },
  clickhouse: {
    'a check': `alter table spans add constraint named check name <> '${marker}'`,
    'a narrower type': 'alter table spans modify column name Int64',
    'a missing column': 'alter table spans rename column name to title',
    'a missing table': 'drop table spans',
  },
}

const prefixes: Record<Backend['name'], string> = { sqlite: 'tracehold_', postgres: 'tracehold.', clickhouse: '' }

/** Everything that a program could print of an error. */
const everything = (error: unknown) => {
  const all = [inspect(error, { depth: 10, showHidden: true })]
  for (let current = error; current instanceof Error; current = current.cause) {
    all.push(current.message, String(current.stack), JSON.stringify(current), JSON.stringify({ ...current }))
  }
  return all.join('\n')
}

describeBackends('no error tells content or a password', (backend) => {
  const password = () => (backend.name === 'postgres' ? new URL(backend.url()).password : 'no password')
  const open = async (writers: WriterOptions = {}): Promise<[Store, string]> => {
    const url = await backend.migrated()
    return [await openStore(url, { migrate: true, writers: { maxAttempts: 1, ...writers } }), url]
  }
  const expectSilence = (error: unknown) => {
    expect(error).toBeInstanceOf(StorageError)
    expect(everything(error)).not.toContain(marker)
    expect(everything(error)).not.toContain(password())
  }

  it.each(Object.entries(refusals[backend.name]))('of a row that the engine refuses: %s', async (_, sql) => {
    const heard: StorageError[] = []
    const [store, url] = await open({ onError: (error) => heard.push(error) })
    await execute[backend.name](url, sql)
    const { spans } = store.writers
    const row = { traceId: marker, spanId: 's', name: marker, startTime: new Date(), input: { prompt: marker } }
    const committed = await thrown(spans.write(row))
    expect(committed.message).toMatch(/^Could not (write|query)|rejected/)
    expectSilence(committed)
    if (committed instanceof BatchError) expect(JSON.stringify(committed.rejected)).not.toContain(marker)

    await spans.write(row, { ack: 'queued' })
    expectSilence(await thrown(spans.flush()))
    for (const error of heard) expectSilence(error)
    await store.close()
  })

  it('of a row that fails its checks', async () => {
    const [store] = await open()
    const bad = { traceId: marker.repeat(20), spanId: 's', name: 'n', startTime: marker, kind: marker, input: marker }
    const error = await thrown(store.writers.spans.write(bad as never))
    expect(error).toBeInstanceOf(BatchError)
    expect(everything(error)).toMatch(/startTime/)
    expectSilence(error)
    await store.close()
  })

  it('of a query that fails', async () => {
    const [store, url] = await open()
    const prefix = prefixes[backend.name]
    await execute[backend.name](url, `drop table ${prefix}traces; drop table ${prefix}spans`)
    for (const query of [
      () => store.traces.get(marker),
      () => store.traces.list({ name: marker }),
      () => store.spans.list({ traceId: [marker, 'other'] }),
      () => store.analytics.usage({ by: ['model'], name: marker }),
    ]) {
      const error = await thrown(query())
      expect(error).toMatchObject({ code: 'query', cause: expect.any(DriverError) })
      expect(error.message).toMatch(/tracehold migrate/)
      expectSilence(error)
    }
    await store.close()
  })

  it('of a stored document that is broken', async () => {
    const [store, url] = await open()
    await store.writers.spans.write({ traceId: 't', spanId: 's', name: 'n', startTime: new Date(), input: 'x' })
    if (backend.name === 'sqlite') {
      await execute.sqlite(url, `update tracehold_spans set input = '${marker}'`)
      expectSilence(await thrown(store.spans.get('t', 's')))
    } else if (backend.name === 'clickhouse') {
      await execute.clickhouse(
        url,
        `alter table spans update input = '${marker}' where true settings mutations_sync = 1`,
      )
      expectSilence(await thrown(store.spans.get('t', 's')))
    } else {
      // jsonb cannot hold one.
      await expect(execute.postgres(url, `update tracehold.spans set input = '${marker}'`)).rejects.toThrow(/json/)
    }
    await store.close()
  })
})
