import type { Answer, Incoming } from './incoming.ts'
import type { OtlpHandlerOptions } from './options.ts'

/** How long a browser may keep what it was allowed, in seconds. */
const maxAge = '7200'

/** What lets a page read an answer; nothing for pages that may not, and for senders that are no browser. */
export function corsHeaders(incoming: Incoming, cors: OtlpHandlerOptions['cors']): Record<string, string> {
  const origin = incoming.header('origin')
  if (cors === undefined || origin === undefined) return {}
  if (cors === true) return { 'access-control-allow-origin': '*' }
  return { vary: 'origin', ...(cors.includes(origin) && { 'access-control-allow-origin': origin }) }
}

/** The answer to a browser that asks before it sends. */
export function preflight(incoming: Incoming, allowed: Record<string, string>): Answer {
  const headers = {
    ...allowed,
    'access-control-allow-methods': 'POST',
    'access-control-allow-headers':
      incoming.header('access-control-request-headers') ?? 'content-type, content-encoding, authorization',
    'access-control-max-age': maxAge,
  }
  return { status: 204, headers, body: new Uint8Array() }
}
