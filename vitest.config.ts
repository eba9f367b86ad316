import { configDefaults, defineConfig } from 'vitest/config'

const long = Boolean(process.env.TRACEHOLD_LONG)

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...(long ? [] : ['test/**/*.long.test.ts'])],
    globalSetup: 'test/servers/global-setup.ts',
    pool: 'forks',
    maxWorkers: 3,
    // A process runs its files one after the other and loads modules once: that saves a tenth of the time.
    isolate: false,
    env: { TZ: 'UTC' },
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
})
