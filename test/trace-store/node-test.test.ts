import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { root } from '../schema/run-program.ts'

it('the conformance suite runs under node:test as well', async () => {
  const file = join(import.meta.dirname, 'node-test.mjs')
  const env = { ...process.env, NODE_TEST_CONTEXT: undefined }
  const { stdout } = await promisify(execFile)(process.execPath, ['--test', '--test-reporter=tap', file], {
    cwd: root,
    env,
  })
  expect(Number(/^# pass (\d+)/m.exec(stdout)?.[1])).toBeGreaterThan(10)
  expect(stdout).toMatch(/^# fail 0/m)
})
