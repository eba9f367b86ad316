import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isOpenToOthers } from './unprivileged-user.ts'

/** A temporary directory that goes away with the process that opened it, however that ends. */
export interface Scratch {
  readonly path: string
  /** Stops the PostgreSQL servers whose data are in the directory, and deletes it. */
  remove(): Promise<void>
}

/** Databases on a server that is not the tests' own, which are dropped along with the directory. */
export interface BorrowedDatabases {
  serverUrl: string
  /** How the names of these databases begin. */
  prefix: string
}

/** Makes a temporary directory and starts the small process that will remove it, even after a kill -9 of this one. */
export async function openScratch(borrowed?: BorrowedDatabases): Promise<Scratch> {
  // Servers started by root run as another user, who must be able to come here.
  const parent = process.getuid?.() === 0 && !(await isOpenToOthers(tmpdir())) ? '/tmp' : tmpdir()
  const path = await mkdtemp(join(parent, 'tracehold-test-'))
  await chmod(path, 0o755)
  // Detached: Ctrl-C goes to the whole group of the terminal, and the keeper must live on to clean up.
  const keeper = spawn(process.execPath, [join(import.meta.dirname, 'keeper.mjs'), path], {
    detached: true,
    stdio: ['pipe', 'ignore', 'inherit'],
    env: { ...process.env, KEEPER_DATABASES: borrowed ? JSON.stringify(borrowed) : '' },
  })
  const exited = once(keeper, 'exit')
  keeper.unref()
  return {
    path,
    async remove() {
      keeper.ref()
      keeper.stdin.end()
      await exited
    },
  }
}
