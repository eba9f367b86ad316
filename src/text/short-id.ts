/** Characters of an id that a message shows: those that everybody makes are shorter. */
const mostShown = 64

/** An id as a message names it: somebody's may have megabytes. */
export const shortId = (id: string): string => (id.length <= mostShown ? id : `${id.slice(0, mostShown)}…`)
