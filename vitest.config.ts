import { relative } from 'node:path'
import { configDefaults, defineConfig } from 'vitest/config'
// @ts-expect-error: a script, which has no types.
import { isUnit, testFiles } from './scripts/test-needs.mjs'

const long = Boolean(process.env.TRACEHOLD_LONG)
const unit: string[] = testFiles().filter(isUnit)

/** A project of these files. One begins when the other has ended, since each has processes of its own. */
const project = (name: string, groupOrder: number, files: object) => ({
  extends: true as const,
  test: { name, sequence: { groupOrder }, ...files },
})

const pathOf = (file: string) => relative(import.meta.dirname, file)
const exclude = [...configDefaults.exclude, ...(long ? [] : ['test/**/*.long.test.ts'])]

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 3,
    // A process runs its files one after the other and loads modules once: that saves a tenth of the time.
    isolate: false,
    env: { TZ: 'UTC' },
    testTimeout: 120_000,
    hookTimeout: 120_000,
    projects: [
      // Whatever needs neither a server, nor a build, nor a process of its own.
      project('unit', 0, { include: unit.map(pathOf), exclude }),
      project('engines', 1, {
        include: ['test/**/*.test.ts'],
        exclude: [...exclude, ...unit.map(pathOf)],
        globalSetup: 'test/servers/global-setup.ts',
      }),
    ],
  },
})
