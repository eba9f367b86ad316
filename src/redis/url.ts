import { ConfigError } from '../errors.ts'

/** @throws ConfigError for what is no URL of a Redis; the message holds no part of it */
export function checkRedisUrl(url: string): void {
  // Only a number after the slash: in a password with a plain slash the rest would look like the database.
  if (/^rediss?:\/\/(?:[^/?#\s]*@)?[^/?#@\s]+(?:\/\d*)?(?:\?[^#@\s]*)?$/.test(url) && URL.canParse(url)) return
  throw new ConfigError('The Redis URL cannot be read. Write redis://USER:PASSWORD@HOST:PORT/DATABASE, or rediss://….')
}

/** The URL without its password: for messages and logs. */
export function redisLocation(url: string): string {
  const shown = new URL(url)
  shown.password = ''
  shown.searchParams.delete('password')
  return shown.href
}
