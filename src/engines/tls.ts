import { readFileSync } from 'node:fs'
import type { ConnectionOptions } from 'node:tls'
import { ConfigError } from '../errors.ts'

/** How a connection is encrypted, in the words of libpq. `allow` is taken as `prefer`. */
export const tlsModes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const

export type TlsMode = (typeof tlsModes)[number]

/** How connections to PostgreSQL are encrypted, and whom they trust. */
export interface TlsOptions {
  /**
   * `disable`: never. `prefer`: where the server can. `require`: always, with any certificate. `verify-ca`: with one
   * that the authority signed. `verify-full`: with one that names the host, too. As in libpq, `require` with a
   * `caFile` is `verify-ca`. @default 'prefer'
   */
  mode?: TlsMode | undefined
  /** A PEM file with the certificates of trusted authorities. @default those that Node trusts */
  caFile?: string | undefined
  /** A PEM file with the client's certificate. */
  certFile?: string | undefined
  /** A PEM file with the client's private key. */
  keyFile?: string | undefined
}

/**
 * What Node needs to encrypt a connection so, the same for every driver; false for no encryption.
 *
 * @throws ConfigError when a file cannot be read
 */
export function tlsConnection({ mode = 'prefer', caFile, certFile, keyFile }: TlsOptions): ConnectionOptions | false {
  if (mode === 'disable') return false
  const files = {
    ...(certFile && { cert: read(certFile, 'certFile') }),
    ...(keyFile && { key: read(keyFile, 'keyFile') }),
    ...(caFile && { ca: read(caFile, 'caFile') }),
  }
  if (mode === 'verify-full') return { ...files, rejectUnauthorized: true }
  const verifies = mode === 'verify-ca' || (mode === 'require' && caFile !== undefined)
  return verifies
    ? { ...files, rejectUnauthorized: true, checkServerIdentity: () => undefined }
    : { ...files, rejectUnauthorized: false }
}

function read(path: string, option: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'it cannot be read'
    throw new ConfigError(`The TLS file ${path} (${option}) cannot be read: ${code}. Give the path of a PEM file.`)
  }
}
