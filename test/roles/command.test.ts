import { expect, it } from 'vitest'
import { rolesSql } from '../../src/roles/roles-sql.ts'
import { runCommand } from '../cli/run-command.ts'

it('tracehold roles print prints the SQL, and connects to nothing', async () => {
  const env = { DATABASE_URL: 'postgres://u@127.0.0.1:1/d' }
  const { code, stdout, stderr } = await runCommand(['roles', 'print', '--writer', 'app_writer', '--reader', 'it"s'], {
    env,
  })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toBe(rolesSql({ writer: 'app_writer', reader: 'it"s' }))
  const secured = await runCommand(['roles', 'print', '--row-level-security', '--json'])
  expect(secured.json()).toMatchObject({ rowLevelSecurity: true, sql: rolesSql({ rowLevelSecurity: true }) })
})

it('a name that cannot be one is a wrong call', async () => {
  const { code, stdout, stderr } = await runCommand(['roles', 'print', '--writer', 'pg_write_all_data'])
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toMatch(/writer must not be a name that PostgreSQL keeps for itself/)
})
