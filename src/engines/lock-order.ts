/** Distinct traces in the order in which every writer locks them, so that no two writers wait for each other. */
export const inLockOrder = (traceIds: readonly string[]): string[] => [...new Set(traceIds)].sort()
