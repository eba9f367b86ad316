import { expect, it } from 'vitest'

interface TestResult {
  title: string
  fullName: string
  status: string
  ancestorTitles: string[]
}

interface FileResult {
  status: 'passed' | 'failed'
  assertionResults: TestResult[]
}

interface Summary {
  passed: number
  failed: number
  skipped: number
  skippedOnBackend: string[]
}

interface TestSummary {
  summarize(report: { numPassedTests: number; numFailedTests: number; testResults: FileResult[] }): Summary
  summaryLine(summary: Summary): string
}

// The scripts are plain JavaScript without types: a name that is no literal keeps the compiler from looking for them.
const script: string = '../../scripts/test-summary.mjs'
const { summarize, summaryLine } = (await import(script)) as TestSummary

const result = (status: string, suite: string, title: string): TestResult => {
  return { status, title, ancestorTitles: ['', suite], fullName: ` ${suite} ${title}` }
}

const report = (...testResults: FileResult[]) => {
  const count = (wanted: string) =>
    testResults.flatMap((file) => file.assertionResults).filter(({ status }) => status === wanted).length
  return { numPassedTests: count('passed'), numFailedTests: count('failed'), testResults }
}

it('counts what passed and failed', () => {
  const tests = [result('passed', 'a', 'one'), result('failed', 'a', 'two'), result('passed', 'a', 'three')]
  const summary = summarize(report({ status: 'failed', assertionResults: tests }))
  expect(summaryLine(summary)).toBe('2 passed, 1 failed')
})

it('counts a file that failed to load, or a suite whose setup failed, as one failure', () => {
  const skippedBySetup = { status: 'failed' as const, assertionResults: [result('skipped', 'a', 'one')] }
  const summary = summarize(report({ status: 'failed', assertionResults: [] }, skippedBySetup))
  expect(summaryLine(summary)).toBe('0 passed, 2 failed, 1 skipped')
})

it('lists what was skipped on an engine, except for known differences', () => {
  const tests = [
    result('skipped', 'writers [postgres]', 'writes'),
    result('todo', 'writers [sqlite]', 'writes more'),
    result('skipped', 'writers [sqlite]', 'known difference: SQLite has no COPY'),
    result('skipped', 'formats', 'reads'),
  ]
  const summary = summarize(report({ status: 'passed', assertionResults: tests }))
  expect(summary.skippedOnBackend).toEqual([' writers [postgres] writes', ' writers [sqlite] writes more'])
  expect(summaryLine(summary)).toBe('0 passed, 0 failed, 4 skipped')
})
