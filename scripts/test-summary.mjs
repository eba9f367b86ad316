// What a run of vitest comes to, from its JSON report.

/** Marks a test that stands for an engine's known, explained difference: the one reason to skip on an engine. */
const knownDifference = 'known difference: '

/** A suite of `describeBackends` ends in its engine's name, as in `batch writer [postgres]`. */
const backendSuite = /\[\w+\]$/

/**
 * Counts a report's tests. A file or suite that fails outside of its tests counts as one failed test, since its own
 * tests then never ran. `skippedOnBackend` lists tests of an engine that were skipped without a known difference.
 */
export function summarize(report) {
  const tests = report.testResults.flatMap((file) => file.assertionResults)
  const failedOutsideTests = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some(({ status }) => status === 'failed'),
  ).length
  const skipped = tests.filter(({ status }) => status !== 'passed' && status !== 'failed')
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + failedOutsideTests,
    skipped: skipped.length,
    skippedOnBackend: skipped
      .filter(({ ancestorTitles, title }) => {
        return ancestorTitles.some((suite) => backendSuite.test(suite)) && !title.startsWith(knownDifference)
      })
      .map(({ fullName }) => fullName),
  }
}

/** The line that a run ends with, alone on its line: `12 passed, 0 failed`. */
export function summaryLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}
