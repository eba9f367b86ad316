import { existsSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { expect, it } from 'vitest'

/** The packages that a module imports when it is loaded, through all of its files. */
function packagesOf(entry: string, seen = new Set<string>(), packages = new Set<string>()): Set<string> {
  if (seen.has(entry)) return packages
  seen.add(entry)
  const text = readFileSync(entry, 'utf8')
  for (const [, clause = '', specifier = ''] of text.matchAll(/^(?:import|export)\s([^;]*?)\sfrom\s'([^']+)'/gms)) {
    if (clause.startsWith('type ')) continue
    if (specifier.startsWith('.')) packagesOf(resolve(dirname(entry), specifier), seen, packages)
    else packages.add(specifier)
  }
  return packages
}

const source = resolve(import.meta.dirname, '../../src')

it('the trace stores in memory and in a file load no driver and no native code', () => {
  const packages = [...packagesOf(resolve(source, 'trace-store/index.ts'))].filter((name) => !name.startsWith('node:'))
  expect(packages).toEqual(['zod'])
})

it('the conformance suites load no driver and no test runner', () => {
  const packages = [...packagesOf(resolve(source, 'testing/index.ts'))].filter((name) => !name.startsWith('node:'))
  expect(packages.filter((name) => !['zod', 'drizzle-orm'].includes(name))).toEqual([])
  expect(existsSync(resolve(source, 'testing/index.ts'))).toBe(true)
})
