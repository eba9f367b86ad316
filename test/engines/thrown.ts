/** What a call threw. Fails when it did not throw. */
export async function thrown(call: PromiseLike<unknown>): Promise<Error> {
  try {
    await call
  } catch (error) {
    if (error instanceof Error) return error
    throw new Error('What was thrown is no Error', { cause: error })
  }
  throw new Error('Nothing was thrown')
}
