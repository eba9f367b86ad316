import { join } from 'node:path'
import { expect, it } from 'vitest'
// @ts-expect-error: a script, which has no types.
import { isUnit, needsOf, testFiles } from '../../scripts/test-needs.mjs'

const needs = (file: string): Record<string, boolean> => needsOf(join(import.meta.dirname, '..', file))

it('a file that only calls our code needs nothing', () => {
  expect(needs('cli/format.test.ts')).toEqual({ servers: false, postgres: false, processes: false, build: false })
})

it('a file needs what its imports need', () => {
  expect(needs('repositories/pages.test.ts')).toMatchObject({ servers: true, postgres: true })
  expect(needs('cli/process.test.ts')).toMatchObject({ processes: true, build: true })
})

it('a file needs what the programs need that it starts', () => {
  expect(needs('writers/many-processes.test.ts')).toMatchObject({ build: true })
  expect(needs('live/processes.test.ts')).toMatchObject({ build: true })
})

it('there are many files of both kinds', () => {
  const files: string[] = testFiles()
  const units = files.filter(isUnit)
  expect(units.length).toBeGreaterThan(30)
  expect(files.length - units.length).toBeGreaterThan(60)
})
