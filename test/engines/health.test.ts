import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, inject, it, vi } from 'vitest'
import { littleRoom, roomCheck } from '../../src/engines/disk-room.ts'
import { ConfigError, type HealthCheck, openStore, PoolError } from '../../src/index.ts'
import { describeBackends } from '../backends.ts'
import { startPostgres } from '../servers/postgres.ts'
import { thrown } from './thrown.ts'

const check = (name: string, required: boolean, answer: HealthCheck['check']): HealthCheck => ({
  name,
  required,
  check: answer,
})
const well = async () => ({ ok: true, latencyMs: 1 })
const lost = async () => ({ ok: false, latencyMs: 1, error: 'lost' })

describeBackends('the health of a store', (backend) => {
  it('is told by one object', async () => {
    const store = await openStore(backend.url(), { migrate: true })
    expect(await store.healthReport()).toEqual({
      statusCode: 200,
      body: {
        status: 'ok',
        checks: [
          {
            name: backend.name,
            required: true,
            ok: true,
            latencyMs: expect.any(Number),
            version: expect.stringMatching(/^\d+\./),
          },
          // A server of PostgreSQL does not say how full its disk is.
          ...(backend.name === 'postgres'
            ? []
            : [{ name: 'disk', required: false, ok: true, latencyMs: expect.any(Number) }]),
        ],
        pool: store.stats(),
      },
    })
    expect(await store.readiness()).toMatchObject({ statusCode: 200, body: { status: 'ok' } })
    expect(await store.forProject('p').readiness()).toMatchObject({ statusCode: 200 })
    await store.close()
    expect(await store.readiness()).toMatchObject({ statusCode: 503, body: { status: 'failed' } })
    expect(await store.healthReport()).toMatchObject({ statusCode: 503 })
  })
})

describe('a disk that is almost full', () => {
  it('is told of before it is an error, and does not make a store unready', async () => {
    for (const [free, ok] of [
      [littleRoom, true],
      [littleRoom - 1, false],
      [undefined, true],
    ] as const) {
      expect(await roomCheck(async () => free).check()).toMatchObject({ ok })
    }
    const { required, check } = roomCheck(async () => 4e8)
    expect({ required, ...(await check()) }).toMatchObject({
      required: false,
      error: 'the disk is almost full: 0.4 GiB free',
    })
  })
})

describe('the health of a store', () => {
  const open = (...healthChecks: HealthCheck[]) => openStore('sqlite::memory:', { migrate: true, healthChecks })

  it('is degraded by what it can do without, and stays ready', async () => {
    const store = await open(check('mail', false, lost), check('disk', true, well))
    const { statusCode, body } = await store.healthReport()
    expect({ statusCode, status: body.status }).toEqual({ statusCode: 200, status: 'degraded' })
    const ready = await store.readiness()
    expect(ready.statusCode).toBe(200)
    expect(ready.body.checks.map(({ name }) => name)).toEqual(['sqlite', 'disk'])
    await store.close()
  })

  it('is failed by what it needs', async () => {
    const store = await open(check('disk', true, lost))
    expect(await store.healthReport()).toMatchObject({ statusCode: 503, body: { status: 'failed' } })
    expect(await store.readiness()).toMatchObject({ statusCode: 503 })
    expect(store.liveness()).toMatchObject({ statusCode: 200 })
    await store.close()
  })

  it('does not wait for a check that hangs, and asks it once for all who wait', async () => {
    let asked = 0
    const hanging = check('slow', false, () => {
      asked += 1
      return new Promise(() => {})
    })
    const store = await open(hanging)
    const reports = await Promise.all([1, 2, 3].map(() => store.healthReport({ deadlineMs: 30 })))
    for (const { body } of reports) {
      expect(body.checks[1]).toMatchObject({ ok: false, error: expect.stringMatching(/within 30 ms/) })
    }
    expect(asked).toBe(1)
    await store.healthReport({ deadlineMs: 30 })
    expect(asked).toBe(2)
    await store.close()
  })

  it('tells why a check failed, but not what a stranger’s error says', async () => {
    const throwing = (error: Error) => async () => {
      throw error
    }
    const store = await open(
      check('ours', false, throwing(new PoolError('the pool is closed'))),
      check('theirs', false, throwing(new Error('password hunter2'))),
    )
    const { body } = await store.healthReport()
    expect(body.checks.slice(1).map(({ error }) => error)).toEqual(['the pool is closed', 'the check failed'])
    await store.close()
  })

  it('is degraded by a lost Redis, and the store stays ready', async () => {
    const store = await openStore('sqlite::memory:', { migrate: true, redis: 'redis://u:hunter2@127.0.0.1:1' })
    const report = await store.healthReport()
    expect(report).toMatchObject({ statusCode: 200, body: { status: 'degraded' } })
    expect(report.body.checks.map(({ name, ok }) => [name, ok])).toEqual([
      ['sqlite', true],
      ['redis', false],
    ])
    expect(JSON.stringify(report)).not.toContain('hunter2')
    expect((await store.readiness()).statusCode).toBe(200)
    await store.close()
  })

  it('can be served as it is', async () => {
    const store = await open()
    const service = createServer(async (_request, response) => {
      const { statusCode, body } = await store.healthReport()
      response.writeHead(statusCode, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    }).listen(0, '127.0.0.1')
    await expect.poll(() => service.listening).toBe(true)
    const response = await fetch(`http://127.0.0.1:${(service.address() as AddressInfo).port}/health`)
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ status: 'ok', pool: { max: 1 } })
    service.close()
    await store.close()
  })

  it('follows a PostgreSQL that restarts', async () => {
    const server = await startPostgres()
    const store = await openStore(server.url, { migrate: true })
    await server.stop()
    const report = await store.healthReport()
    expect(report).toMatchObject({ statusCode: 503, body: { status: 'failed' } })
    expect(JSON.stringify(report)).not.toContain(new URL(server.url).password)
    expect((await store.readiness()).statusCode).toBe(503)
    await server.start()
    await expect.poll(async () => (await store.readiness()).statusCode).toBe(200)
    await store.close()
    await server.remove()
  })
})

describe('a store that is opened without a URL', () => {
  afterEach(() => vi.unstubAllEnvs())

  it('is none where the URL that is given is empty, and makes no file', async () => {
    for (const name of ['DATABASE_URL', 'TRACEHOLD_URL', 'DB_HOST']) vi.stubEnv(name, undefined)
    const wasThere = existsSync('.tracehold')
    const unnamed: Parameters<typeof openStore>[] = [
      [undefined],
      [''],
      [undefined, { migrate: true }],
      ['', { migrate: true }],
    ]
    for (const given of unnamed) {
      const error = await thrown(openStore(...given))
      expect(error).toBeInstanceOf(ConfigError)
      expect(error.message).toMatch(/^openStore got (an empty URL|a URL that is undefined)/)
    }
    expect(existsSync('.tracehold')).toBe(wasThere)
  })

  it('is opened as it is configured', async () => {
    const location = `sqlite:${inject('servers').directory}/configured.db`
    vi.stubEnv('DATABASE_URL', location)
    vi.stubEnv('TRACEHOLD_PROJECT', 'shop')
    vi.stubEnv('TRACEHOLD_MIGRATE', 'yes')
    const store = await openStore()
    expect(store).toMatchObject({ projectId: 'shop', pool: { location } })
    await store.close()
    const other = await openStore(undefined, { projectId: 'mine' })
    expect(other.projectId).toBe('mine')
    await other.close()
    const unset = await openStore(process.env.NO_SUCH_VARIABLE)
    expect(unset.projectId).toBe('shop')
    await unset.close()
    vi.stubEnv('DB_MAX_CONNECTIONS', 'many')
    await expect(openStore(undefined, { writers: { batchRows: 0 } })).rejects.toMatchObject({
      code: 'config',
      faults: [{ field: 'DB_MAX_CONNECTIONS (environment)' }, { field: 'writers.batchRows (options)' }],
    })
  })
})
