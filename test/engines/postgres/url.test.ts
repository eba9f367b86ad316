import { userInfo } from 'node:os'
import { describe, expect, it } from 'vitest'
import { parsePostgresUrl } from '../../../src/engines/postgres/url.ts'
import { ConfigError } from '../../../src/errors.ts'

const localhost = [{ host: 'localhost', port: 5432 }]

describe('a PostgreSQL URL', () => {
  it.each<[url: string, expected: object]>([
    ['postgres://u:p@h:1/d', { hosts: [{ host: 'h', port: 1 }], user: 'u', password: 'p', database: 'd' }],
    ['postgresql://u@h', { hosts: [{ host: 'h', port: 5432 }], user: 'u', password: undefined, database: undefined }],
    ['postgres://h/d', { user: process.env.PGUSER ?? userInfo().username, password: undefined, database: 'd' }],
    ['postgres://', { hosts: localhost, password: undefined }],
    ['postgres:///d', { hosts: localhost, database: 'd' }],
    ['postgres://u%40x:p%3A%2F%23%3F%25@h/d%20e', { user: 'u@x', password: 'p:/#?%', database: 'd e' }],
    ['postgres://u:p:q@h/d', { password: 'p:q' }],
    ['postgres://u:@h/d', { password: undefined }],
    ['postgres://:p@h/d', { password: 'p' }],
    ['postgres://h/d?user=u&password=p%40', { user: 'u', password: 'p@' }],
    ['postgres://[::1]:7/d', { hosts: [{ host: '::1', port: 7 }] }],
    [
      'postgres://u@a:1,b,[::2]:3/d',
      {
        hosts: [
          { host: 'a', port: 1 },
          { host: 'b', port: 5432 },
          { host: '::2', port: 3 },
        ],
        standbyWillDo: false,
      },
    ],
    [
      'postgres://u@a,b/d?port=7&target_session_attrs=any',
      {
        hosts: [
          { host: 'a', port: 7 },
          { host: 'b', port: 7 },
        ],
        standbyWillDo: true,
      },
    ],
    ['postgres://u@%2Fvar%2Frun/d', { hosts: [{ host: '/var/run', port: 5432 }], database: 'd' }],
    ['postgres:///d?host=/var/run&port=7', { hosts: [{ host: '/var/run', port: 7 }] }],
    ['postgres://h/d?sslmode=verify-full&sslrootcert=/ca.pem', { tls: { mode: 'verify-full', caFile: '/ca.pem' } }],
    ['postgres://h/d?sslcert=c&sslkey=k', { tls: { mode: undefined, certFile: 'c', keyFile: 'k' } }],
    ['postgres://h/d?ssl=true', { tls: { mode: 'require' } }],
    ['postgres://h/d?sslmode=no-verify', { tls: { mode: 'require' } }],
    ['postgres://h/d?sslrootcert=system', { tls: { mode: 'verify-full', caFile: undefined } }],
    ['postgres://h/d?application_name=a&connect_timeout=3', { applicationName: 'a', connectTimeoutMs: 3000 }],
    ['postgres://h/d?options=-c%20search_path%3Dx', { options: '-c search_path=x' }],
    ['postgres://h/d?sslmode=require&channel_binding=require', { tls: { mode: 'require' } }],
    ['postgres://h/d?schema=public&pgbouncer=true', { database: 'd' }],
  ])('%s', (url, expected) => {
    expect(parsePostgresUrl(url)).toMatchObject(expected)
  })

  it('takes the parameters of providers, which change nothing', () => {
    const provided = 'supa=base-pooler.x&workaround=supabase-pooler.vercel&sslcompression=0&tcp_user_timeout=1000'
    expect(parsePostgresUrl(`postgres://u@h/d?${provided}&pgbouncer=true&connection_limit=1`).database).toBe('d')
  })

  it.each([
    ['hostaddr=10.0.0.1', /not supported\. hostaddr: write the address as the host\.$/],
    ['passfile=/x&service=s', /passfile: .*DB_PASSWORD\. service: .*write what the service says/],
    ['requiressl=1', /requiressl: write sslmode=require/],
    ['ssl_min_protocol_version=TLSv1.3', /ssl_min_protocol_version: /],
    ['sslcrl=x', /sslcrl: /],
    ['require_auth=scram-sha-256', /require_auth: /],
    ['krbsrvname=x', /krbsrvname: GSSAPI/],
  ])('refuses %s by its name, and says what to do', (query, message) => {
    expect(() => parsePostgresUrl(`postgres://u:secret@h/d?${query}`)).toThrow(ConfigError)
    expect(() => parsePostgresUrl(`postgres://u:secret@h/d?${query}`)).toThrow(message)
  })

  it.each([
    ['postgres://u:secret@h:1/d', 'postgres://u@h:1/d'],
    ['postgres://u:secret@a:1,b:2/d?sslmode=require', 'postgres://u@a:1,b:2/d?sslmode=require'],
    ['postgresql://u:se%40cret@h', 'postgres://u@h'],
    ['postgres://h/d?user=u&password=secret', 'postgres://h/d?user=u'],
    ['postgres:///d?host=/var/run', 'postgres:///d?host=%2Fvar%2Frun'],
  ])('the location of %s is %s', (url, location) => {
    expect(parsePostgresUrl(url).location).toBe(location)
  })

  it.each([
    'postgres://u:sec@ret@h/d#secret',
    'postgres://u:s/ecret@h/d',
    'postgres://u:secret@h:port/d',
    'postgres://u:secret@h:0/d',
    'postgres://u:secret@h:99999/d',
    'postgres://u:secret@a,,b/d',
    'postgres://u:%@h/d',
    'postgres://u:%secret@h/d',
    'postgres://u:secret@h/d?ssl=secret',
    'postgres://u:secret@h/d?secret=x',
    'postgres://u:secret@h/d?connect_timeout=secret',
    'postgres:u:secret@h',
  ])('%s is refused, and not repeated', (url) => {
    try {
      parsePostgresUrl(url)
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigError)
      expect((error as ConfigError).message).not.toMatch(/secret|sec@|s\/ecret/)
      return
    }
    throw new Error('it was accepted')
  })
})
