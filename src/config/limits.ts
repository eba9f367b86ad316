/** Limits that many settings share. */
export const hourMs = 3_600_000
export const dayMs = 24 * hourMs
export const mostRows = 10_000_000
export const mostBytes = 64 * 1024 ** 3
