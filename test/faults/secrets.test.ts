import { inspect } from 'node:util'
import Sqlite from 'better-sqlite3'
import { expect, it } from 'vitest'
import { openStore } from '../../src/index.ts'
import { type BackendName, describeBackends } from '../backends.ts'
import { thrown } from '../engines/thrown.ts'
import { executeClickHouse } from '../servers/clickhouse.ts'
import { executePostgres } from '../servers/databases.ts'

const secret = 'hunter2'
const span = (more: object = {}) => ({ traceId: 't', spanId: 's', name: 'n', startTime: new Date(), ...more })

async function execute(url: string, sql: string): Promise<void> {
  if (url.startsWith('sqlite:')) return void new Sqlite(url.slice('sqlite:'.length)).exec(sql).close()
  await (url.startsWith('postgres') ? executePostgres : executeClickHouse)(url, sql)
}

/** What makes the database itself refuse rows, in words of its own, with the row in them. */
const trigger: Record<BackendName, string> = {
  sqlite: `create trigger raise before insert on tracehold_spans begin select raise(abort, '${secret} of a trigger'); end`,
  postgres: `create function raise() returns trigger language plpgsql as $$ begin
      raise exception '${secret} of %', new.name using errcode = '42P01', detail = '${secret}', hint = '${secret}',
        column = '${secret}', constraint = '${secret}', table = '${secret}', schema = '${secret}'; end $$;
    create trigger raise before insert on tracehold.spans for each row execute function raise()`,
  clickhouse: `alter table spans add constraint raise check throwIf(name != '', '${secret} of a constraint') = 0`,
}
const withoutTable: Record<BackendName, string> = {
  sqlite: 'drop table tracehold_spans',
  postgres: 'drop table tracehold.spans',
  clickhouse: 'drop table spans',
}
const unreachable: Record<BackendName, string> = {
  sqlite: 'sqlite:/proc/none/a.db',
  postgres: `postgres://app:${secret}@127.0.0.1:1/a?application_name=a`,
  clickhouse: `clickhouse://app:${secret}@127.0.0.1:1/a`,
}

describeBackends('a secret', (backend) => {
  it('in an address, a parameter, a row or a trigger is in no error, no report and no warning', async () => {
    const said: unknown[] = []
    const warn = (warning: unknown) => said.push(warning)
    process.on('warning', warn)
    const attempt = async (work: Promise<unknown>) => {
      const error = await thrown(work)
      expect(error).toBeInstanceOf(Error)
      said.push(error)
    }
    const writers = { retryForMs: 100, onError: (...report: unknown[]) => said.push(...report) }
    const open = async () => {
      const url = await backend.migrated()
      return { url, store: await openStore(url, { migrate: true, writers }) }
    }

    const raising = await open()
    await execute(raising.url, trigger[backend.name])
    await attempt(raising.store.writers.spans.write(span({ name: secret, input: secret })))
    const bulk = raising.store.writers.spans.bulk([span({ name: secret, input: secret })])
    said.push(await bulk.catch((error: unknown) => error))
    // Rows that are not valid, of every kind of field.
    for (const field of ['startTime', 'inputTokens', 'kind', 'attributes', 'links']) {
      await attempt(raising.store.writers.spans.write(span({ [field]: secret }) as never))
    }
    await attempt(raising.store.spans.list({ after: secret }))
    await raising.store.close()
    await attempt(raising.store.spans.list({ userId: secret }))

    const broken = await open()
    await execute(broken.url, withoutTable[backend.name])
    await attempt(broken.store.spans.list({ userId: secret, search: secret } as never))
    await attempt(broken.store.spans.list({ userId: secret }))
    await attempt(broken.store.spans.get(secret, secret))
    await attempt(broken.store.writers.spans.write(span({ name: secret, input: secret })))
    await broken.store.writers.spans.write(span({ name: secret }), { ack: 'queued' })
    await attempt(broken.store.close())

    await attempt(openStore(unreachable[backend.name], { migrate: true, retry: { forMs: 0 } } as never))
    process.off('warning', warn)
    for (const each of said) {
      const text = [inspect(each, { depth: 12, showHidden: true }), JSON.stringify(each), String(each)].join('\n')
      expect(text).not.toContain(secret)
    }
  })
})
