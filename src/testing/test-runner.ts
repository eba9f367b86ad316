/**
 * The two functions of a test runner that a suite is made of: those of vitest, of `node:test`, or any alike. The suites
 * check with `node:assert`, so that nothing else of a runner is needed.
 */
export interface TestRunner {
  describe(name: string, suite: () => void): unknown
  it(name: string, test: () => Promise<void>): unknown
}

/** Something to test, and how it is put away after the test. */
export interface Opened<T> {
  readonly subject: T
  close?(): Promise<void> | void
}

/** A test that opens its own subject, which is empty, and puts it away whatever happens. */
export function testWith<T>(
  it: TestRunner['it'],
  open: () => Promise<Opened<T>> | Opened<T>,
): (name: string, test: (subject: T) => Promise<void>) => void {
  return (name, test) => {
    it(name, async () => {
      const opened = await open()
      try {
        await test(opened.subject)
      } finally {
        await opened.close?.()
      }
    })
  }
}
