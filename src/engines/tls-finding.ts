import { type Finding, ok, warning } from './finding.ts'

/** Whether a host is this machine; a path is the folder of a Unix socket. */
export const isLocalHost = (host: string): boolean => /^(localhost|127\.[\d.]+|\[?::1\]?|\/.*)$/.test(host)

/** A connection without encryption, which does no harm within one machine. */
export function unencrypted(hosts: readonly string[], nextStep: string): Finding {
  if (hosts.every(isLocalHost)) return ok('not encrypted, and the server is on this machine')
  return warning('not encrypted: passwords and rows cross the network as they are', nextStep)
}
