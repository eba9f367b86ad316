import { execFile } from 'node:child_process'
import { chmod, chown, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { unprivilegedUser } from './unprivileged-user.ts'

const run = promisify(execFile)

/** Files of an authority and of a server that it signed for; valid for a day. */
export interface Certificates {
  /** The certificate of the authority that signed. */
  caFile: string
  /** One that did not. */
  otherCaFile: string
  certFile: string
  keyFile: string
}

/** Makes certificates in a folder, for a server at 127.0.0.1 that has no name. */
export async function createCertificates(folder: string): Promise<Certificates> {
  const path = (name: string) => join(folder, name)
  const openssl = (...args: string[]) => run('openssl', args, { cwd: folder })
  for (const ca of ['ca', 'other']) {
    const subject = ['-subj', `/CN=tracehold test ${ca}`]
    await openssl(
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '1',
      '-keyout',
      `${ca}.key`,
      '-out',
      `${ca}.crt`,
      ...subject,
    )
  }
  await writeFile(path('names'), 'subjectAltName=IP:127.0.0.1')
  await openssl(
    'req',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    'server.key',
    '-out',
    'server.csr',
    '-subj',
    '/CN=server',
  )
  const signing = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '1', '-extfile', 'names']
  await openssl('x509', '-req', '-in', 'server.csr', '-out', 'server.crt', ...signing)
  await chmod(path('server.key'), 0o600)
  const user = await unprivilegedUser()
  if (user) await chown(path('server.key'), user.uid, user.gid)
  return {
    caFile: path('ca.crt'),
    otherCaFile: path('other.crt'),
    certFile: path('server.crt'),
    keyFile: path('server.key'),
  }
}
