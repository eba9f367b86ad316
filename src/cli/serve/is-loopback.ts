import { isIPv4, isIPv6 } from 'node:net'

/** Whether only programs of this machine reach what listens there. */
export function isLoopback(host: string): boolean {
  if (isIPv4(host)) return host.startsWith('127.')
  if (isIPv6(host)) return /^(?:0*:)*:?0*1$/.test(host)
  return host.toLowerCase() === 'localhost'
}
