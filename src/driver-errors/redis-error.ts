import { RedisError, TimeoutError } from '../errors.ts'

/** The next step for what Redis answers. Its own words are left out: they may repeat a command with its values. */
const redisAdvice: readonly (readonly [RegExp, string])[] = [
  [/^(WRONGPASS|NOAUTH|NOPERM)/, 'Check the user and the password in the Redis URL, and what the user may do.'],
  [/^OOM/, 'Its memory is full: raise maxmemory, or let it evict (maxmemory-policy allkeys-lru).'],
  [/^LOADING/, 'It is still reading its data.'],
  [/^READONLY/, 'It is a replica: name the primary.'],
  [/^ECONNREFUSED/, 'Is Redis running, and is the port right?'],
  [/^(ENOTFOUND|EAI_AGAIN)/, 'Check the host name in the Redis URL.'],
]

/**
 * Turns what ioredis threw into one of ours.
 *
 * @param connecting why the last connection could not be made, where there is none
 */
export function redisError(thrown: unknown, during: string, connecting?: unknown): RedisError {
  if (thrown instanceof RedisError) return thrown
  const reply = redisCode(thrown)
  const code = reply ?? redisCode(connecting)
  const isSlow = thrown instanceof TimeoutError
  const problem = isSlow ? 'Redis did not answer in time' : reply ? 'Redis refused' : 'no connection to Redis'
  const hint = redisAdvice.find(([pattern]) => pattern.test(code ?? ''))?.[1]
  const message = `Could not ${during}: ${problem}${code ? ` [${code}]` : ''}${hint ? `. ${hint}` : ''}`
  const mayPass =
    reply === undefined ||
    /^(LOADING|BUSY|READONLY|MASTERDOWN|TRYAGAIN|ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI|EHOST|ENET)/.test(reply)
  return new RedisError(message, mayPass ? { recovery: 'retry' } : {})
}

/** A system's code, or the word that a refusal begins with. */
function redisCode(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error)) return undefined
  const { code } = thrown as { code?: unknown }
  if (typeof code === 'string') return code === 'timeout' ? undefined : code
  return thrown.name === 'ReplyError' ? /^[A-Z]+/.exec(thrown.message)?.[0] : undefined
}
