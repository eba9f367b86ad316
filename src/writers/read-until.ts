/**
 * Reads a source until the signal aborts, also while the source is idle: then the iterator's `return` is called, and
 * its last `next` is not awaited.
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
      // A new promise for each record: racing one long-lived promise would keep memory for every record.
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
