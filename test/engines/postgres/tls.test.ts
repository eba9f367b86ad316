import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { PostgresPool } from '../../../src/engines/postgres/pool.ts'
import { ConnectionError, openPool, type TlsOptions } from '../../../src/index.ts'
import { type Certificates, createCertificates } from '../../servers/certificates.ts'
import { type PostgresServer, startPostgres } from '../../servers/postgres.ts'
import { openScratch, type Scratch } from '../../servers/scratch.ts'
import { thrown } from '../thrown.ts'

const isEncrypted = 'select ssl from pg_stat_ssl where pid = pg_backend_pid()'

/** What the server says of the connections that postgres.js reads with and pg writes with: whether they are encrypted. */
async function encryption(url: string, tls: TlsOptions, question = isEncrypted) {
  const pool = await openPool({ url, tls, retry: { maxAttempts: 1 } })
  if (!(pool instanceof PostgresPool)) throw new Error('not postgres')
  try {
    const read = await pool.rows(question, []).then(
      ([row]): unknown => row?.[0],
      (error: Error) => error,
    )
    const query = pool.withConnection('look', (connection) => connection.query({ text: question, rowMode: 'array' }))
    const written = await query.then(
      ({ rows: [row] }): unknown => row?.[0],
      (error: Error) => error,
    )
    return { read, written }
  } finally {
    await pool.close()
  }
}

describe('TLS to PostgreSQL', () => {
  let scratch: Scratch
  let files: Certificates
  let server: PostgresServer
  const at = (host: string) => server.url.replace('127.0.0.1', host)

  beforeAll(async () => {
    scratch = await openScratch()
    files = await createCertificates(scratch.path)
    const { caFile, certFile, keyFile } = files
    const settings = { ssl_ca_file: caFile, ssl_cert_file: certFile, ssl_key_file: keyFile }
    server = await startPostgres(scratch, { ssl: 'on', ...settings })
  })
  afterAll(() => scratch.remove())

  it.each<
    [mode: TlsOptions['mode'], ca: 'caFile' | 'otherCaFile' | undefined, host: string, expected: boolean | 'refused']
  >([
    ['disable', undefined, '127.0.0.1', false],
    ['allow', undefined, '127.0.0.1', true],
    ['prefer', undefined, '127.0.0.1', true],
    ['require', undefined, '127.0.0.1', true],
    ['require', 'caFile', '127.0.0.1', true],
    ['require', 'otherCaFile', '127.0.0.1', 'refused'],
    ['verify-ca', undefined, '127.0.0.1', 'refused'],
    ['verify-ca', 'caFile', '127.0.0.1', true],
    ['verify-ca', 'caFile', 'localhost', true],
    ['verify-ca', 'otherCaFile', '127.0.0.1', 'refused'],
    ['verify-full', undefined, '127.0.0.1', 'refused'],
    ['verify-full', 'caFile', '127.0.0.1', true],
    ['verify-full', 'caFile', 'localhost', 'refused'],
    ['verify-full', 'otherCaFile', '127.0.0.1', 'refused'],
  ])('%s with %s at %s: %s, for both drivers', async (mode, ca, host, expected) => {
    const { read, written } = await encryption(at(host), { mode, caFile: ca && files[ca] })
    if (expected !== 'refused') {
      expect({ read, written }).toEqual({ read: expected, written: expected })
      return
    }
    for (const error of [read, written]) {
      expect(error).toBeInstanceOf(ConnectionError)
      expect(error).toMatchObject({ retryable: false, message: expect.stringMatching(/certificate/) })
    }
  })

  it('is asked for by the URL, too', async () => {
    const parameters = new URLSearchParams({ sslmode: 'verify-full', sslrootcert: files.caFile })
    expect(await encryption(`${server.url}?${parameters}`, {})).toEqual({ read: true, written: true })
    expect(await encryption(`${server.url}?sslmode=disable`, {})).toEqual({ read: false, written: false })
  })

  it.each(['allow', 'prefer', 'require', 'verify-full'] as const)('%s shows the client’s certificate', async (mode) => {
    const shown = await encryption(
      server.url,
      { ...files, mode },
      'select client_dn from pg_stat_ssl where pid = pg_backend_pid()',
    )
    expect(shown).toEqual({ read: '/CN=server', written: '/CN=server' })
  })

  it('is named by its missing file', async () => {
    const error = await thrown(openPool({ url: server.url, tls: { mode: 'verify-ca', caFile: '/nowhere/ca.pem' } }))
    expect(error.message).toMatch(/\/nowhere\/ca\.pem \(caFile\) cannot be read: ENOENT/)
  })
})

describe('a PostgreSQL without TLS', () => {
  const url = inject('servers').postgresUrl
  let scratch: Scratch
  let files: Certificates
  beforeAll(async () => {
    scratch = await openScratch()
    files = await createCertificates(scratch.path)
  })
  afterAll(() => scratch.remove())

  it('is used where TLS is only preferred', async () => {
    expect(await encryption(url, {})).toEqual({ read: false, written: false })
  })

  it.each(['allow', 'prefer'] as const)('is used with a certificate at hand, too: %s', async (mode) => {
    expect(await encryption(url, { ...files, mode })).toEqual({ read: false, written: false })
  })

  it('is used so by whatever is asked first', async () => {
    const pool = await openPool({ url, tls: files, retry: { maxAttempts: 1 } })
    expect(await pool.health()).toMatchObject({ ok: true })
    await pool.close()
    const other = await openPool({ url, tls: files, retry: { maxAttempts: 1 } })
    const reads = Array.from({ length: 12 }, () => ({ text: isEncrypted, params: [] }))
    const answers = await Promise.all([other.snapshot(reads), other.snapshot(reads)])
    expect(answers.flat(3)).toEqual(Array(24).fill(false))
    await other.close()
  })

  it('is refused where TLS is required', async () => {
    const { read, written } = await encryption(url, { mode: 'require' })
    for (const error of [read, written]) {
      expect(error).toBeInstanceOf(ConnectionError)
      expect(error).toMatchObject({ message: expect.stringMatching(/TLS/) })
    }
  })
})
