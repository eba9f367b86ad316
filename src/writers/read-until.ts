/**
 * The records of a source until the signal ends it, also while the source has nothing to give: its iterator is told to
 * return then, and what it was asked for last is not waited for.
 */
export async function* readUntil<T>(source: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T, void, undefined> {
  const iterator = source[Symbol.asyncIterator]()
  const end = async () => {
    await iterator.return?.()
  }
  let wake = () => {}
  const onAbort = () => wake()
  signal.addEventListener('abort', onAbort)
  let isAtRest = true
  try {
    while (!signal.aborted) {
      isAtRest = false
      // A promise for each record: racing one that lasts would keep something of every record until it ends.
      const next = await new Promise<IteratorResult<T> | undefined>((resolve, reject) => {
        wake = () => resolve(undefined)
        Promise.resolve(iterator.next()).then(resolve, reject)
      })
      if (next === undefined) end().catch(() => {})
      if (next === undefined || next.done) return
      isAtRest = true
      yield next.value
    }
  } finally {
    signal.removeEventListener('abort', onAbort)
    if (isAtRest) await end()
  }
}
