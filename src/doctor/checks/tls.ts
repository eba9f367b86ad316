import type { ServerAddress } from '../../engines/postgres/url.ts'
import { type Finding, ok, skipped, warning } from '../finding.ts'
import type { Subject } from '../subject.ts'

/** Whether the connection is encrypted, and whether the server proves who it is. */
export async function checkTls({ config, target, pool }: Subject): Promise<Finding> {
  switch (target.engine) {
    case 'sqlite':
      return skipped('the database is a file')
    case 'clickhouse': {
      if ('path' in target.place) return skipped('the engine runs in this process')
      const { protocol, hostname } = new URL(target.place.url)
      return protocol === 'https:'
        ? ok('HTTPS, and the certificate is checked')
        : plain([hostname], 'Write clickhouses://… in the URL.')
    }
    case 'postgres': {
      const [row] = await pool.rows(
        'select ssl::int, version, cipher from pg_stat_ssl where pid = pg_backend_pid()',
        [],
      )
      const [isEncrypted, version, cipher] = row ?? []
      const hosts = target.address.hosts.map(({ host }: ServerAddress) => host)
      if (isEncrypted !== 1) return plain(hosts, remedy)
      const { mode, caFile } = { ...target.address.tls, ...config.tls }
      const isVerified = mode === 'verify-full' || mode === 'verify-ca' || (mode === 'require' && caFile !== undefined)
      const what = `${version} (${cipher})`
      if (isVerified || hosts.every(isLocal)) return ok(`${what}, sslmode ${mode ?? 'prefer'}`)
      return warning(`${what}, but nobody checks the server's certificate`, remedy)
    }
  }
}

const remedy = 'Write ?sslmode=verify-full in the URL, or set DB_SSL_MODE=verify-full.'

function plain(hosts: readonly string[], nextStep: string): Finding {
  if (hosts.every(isLocal)) return ok('not encrypted, and the server is on this machine')
  return warning('not encrypted: passwords and rows cross the network as they are', nextStep)
}

const isLocal = (host: string) => /^(localhost|127\.[\d.]+|\[?::1\]?|\/.*)$/.test(host)
