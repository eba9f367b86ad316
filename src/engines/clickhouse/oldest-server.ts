/** The oldest server that knows everything the tables and the reads ask for; the tests run on 26.7. */
export const oldestServer = [24, 8] as const
