// Runs every check that needs no server, side by side: types on each supported TypeScript, lint and
// format, and how files depend on each other.
import { join } from 'node:path'
import { ensureInstalled } from './ensure-installed.mjs'
import { capture, elapsed, root } from './processes.mjs'

/** A check is a name, a program (its path from node_modules) and its arguments; add one here. */
const checks = [
  { name: 'types, TypeScript 7', program: 'typescript/bin/tsc', args: ['-p', '.'] },
  { name: 'types, TypeScript 6', program: 'typescript-6/bin/tsc', args: ['-p', '.'] },
  { name: 'types, TypeScript 5.9', program: 'typescript-5.9/bin/tsc', args: ['-p', '.'] },
  { name: 'lint and format', program: '@biomejs/biome/bin/biome', args: ['check', '--error-on-warnings', '.'] },
  { name: 'layers', program: '../scripts/check-layers.mjs', args: [] },
  { name: 'package', program: '../scripts/check-package.mjs', args: [] },
]

const nameWidth = Math.max(...checks.map(({ name }) => name.length))

async function runCheck({ name, program, args }) {
  const startMs = performance.now()
  const { code, output } = await capture(process.execPath, [join(root, 'node_modules', program), ...args])
  console.log(`${name.padEnd(nameWidth)}  ${code === 0 ? 'ok    ' : 'FAILED'}  ${elapsed(startMs).padStart(7)}`)
  return { name, passed: code === 0, output }
}

await ensureInstalled()
const results = await Promise.all(checks.map(runCheck))
const failures = results.filter(({ passed }) => !passed)
for (const { name, output } of failures) console.log(`\n--- ${name} ---\n${output.trimEnd()}`)
if (failures.length > 0) process.exitCode = 1
