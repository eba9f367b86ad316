/** The oldest server whose `extract` is exact to the microsecond. */
export const oldestServer = 14
