// Runs the tests on real servers, which the run itself starts and stops. Arguments go to vitest:
// `npm test -- test/formats`. With --long it also runs the tests named *.long.test.ts.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureInstalled } from './ensure-installed.mjs'
import { root, run } from './processes.mjs'
import { summarize, summaryLine } from './test-summary.mjs'

const nothing = { passed: 0, failed: 0, skipped: 0, skippedOnBackend: [] }

await ensureInstalled()
if (!(await test(process.argv.slice(2)))) process.exitCode = 1

async function test(args) {
  const { code, report } = await runVitest(args)
  if (!report) return finish(nothing, 'vitest ended without a report.')
  const summary = summarize(report)
  if (report.testResults.length === 0) return finish(summary, 'No test ran.')
  if (code !== 0 && summary.failed === 0) summary.failed = 1 // an error outside of every test, which vitest has shown
  if (summary.failed > 0) return finish(summary, 'There are failures.')
  if (summary.passed === 0) return finish(summary, 'No test ran.')
  // A name filter skips whatever it does not name: then a skipped test tells nothing.
  const filtered = args.some((arg) => arg === '-t' || arg.startsWith('--testNamePattern'))
  if (summary.skippedOnBackend.length > 0 && !filtered) {
    return finish(
      summary,
      `Skipped on an engine, which counts as a failure:\n  ${summary.skippedOnBackend.join('\n  ')}`,
    )
  }
  return finish(summary)
}

/** Prints why the run is not good, if it is not, then the summary as the very last line. */
function finish(summary, complaint) {
  if (complaint) console.error(`\n${complaint}`)
  console.log(`\n${summaryLine(summary)}`)
  return complaint === undefined
}

async function runVitest(args) {
  const long = args.includes('--long')
  const directory = mkdtempSync(join(tmpdir(), 'tracehold-report-'))
  const reportFile = join(directory, 'report.json')
  try {
    const code = await run(
      process.execPath,
      [
        join(root, 'node_modules/vitest/vitest.mjs'),
        'run',
        ...args.filter((arg) => arg !== '--long'),
        '--reporter=default',
        '--reporter=json',
        `--outputFile.json=${reportFile}`,
      ],
      { env: { ...process.env, ...(long && { TRACEHOLD_LONG: '1' }) } },
    )
    return { code, report: readReport(reportFile) }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}
