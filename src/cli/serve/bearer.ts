import { createHash, timingSafeEqual } from 'node:crypto'

/** Whether an `Authorization` header has the token. How long it takes says nothing of how much of it is right. */
export function hasToken(header: string | null | undefined, token: string): boolean {
  const given = /^bearer +(\S+) *$/i.exec(header ?? '')?.[1]
  return given !== undefined && timingSafeEqual(digest(given), digest(token))
}

const digest = (text: string) => createHash('sha256').update(text).digest()
