import { readFile, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/** A user of this machine, in the form that `spawn` takes. */
export interface User {
  uid: number
  gid: number
}

/** The user to run a server as that refuses to run as root; undefined when this process is not root. */
export async function unprivilegedUser(): Promise<User | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const users = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'))
  for (const name of ['postgres', 'nobody']) {
    const [, , uid, gid] = users.find(([user]) => user === name) ?? []
    if (uid && gid) return { uid: Number(uid), gid: Number(gid) }
  }
  throw new Error('PostgreSQL does not run as root, and neither a user "postgres" nor "nobody" exists to run it as.')
}

/** Whether users other than the owner may enter `path` and every directory above it. */
export async function isOpenToOthers(path: string): Promise<boolean> {
  const othersMayEnter = 0o001
  for (let directory = path; ; directory = dirname(directory)) {
    if (((await stat(directory)).mode & othersMayEnter) === 0) return false
    if (directory === dirname(directory)) return true
  }
}
