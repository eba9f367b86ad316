import { execFileSync } from 'node:child_process'
import { appendFileSync, chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openStore, QueryError } from '../../src/index.ts'
import { thrown } from '../engines/thrown.ts'
import { executePostgres } from '../servers/databases.ts'
import { startPostgres } from '../servers/postgres.ts'
import { unprivilegedUser } from '../servers/unprivileged-user.ts'

/** A file system of so many MiB, or undefined where this user may mount none. */
function mountSmall(mebibytes: number): { path: string; unmount(): void } | undefined {
  const path = mkdtempSync(join(tmpdir(), 'tracehold-small-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', path], { stdio: 'ignore' })
  } catch {
    rmSync(path, { recursive: true })
    return undefined
  }
  return {
    path,
    unmount() {
      execFileSync('umount', [path])
      rmSync(path, { recursive: true })
    },
  }
}

/** Mounting takes root, and a machine that lets it. */
const canMount = (() => {
  const tried = mountSmall(1)
  tried?.unmount()
  return tried !== undefined
})()

it.skipIf(!canMount)(
  'a full disk refuses writes by name, keeps what is stored, and is used again when there is room',
  async () => {
    const { path, unmount } = mountSmall(8) ?? expect.unreachable()
    try {
      const store = await openStore(`sqlite:${join(path, 'a.db')}`, { migrate: true })
      // Without this a file of the system that has no room left could not be made to have some again.
      const filler = join(path, 'filler')
      writeFileSync(filler, Buffer.alloc(2 * 1024 * 1024))
      let stored = 0
      const attributes = { text: 'x'.repeat(20_000) }
      const batch = (n: number) =>
        Array.from({ length: 20 }, (_, i) => ({
          traceId: `t${n}`,
          spanId: `${n} ${i}`,
          name: 'n',
          startTime: new Date(),
          attributes,
        }))
      let error: unknown
      for (let n = 0; n < 100 && error === undefined; n += 1) {
        error = await store.writers.spans.write(batch(n)).then(
          () => undefined,
          (failure: unknown) => failure,
        )
        if (error === undefined) stored += 20
      }
      expect(error).toBeInstanceOf(QueryError)
      expect(error).toMatchObject({ message: expect.stringMatching(/SQLITE_FULL|SQLITE_IOERR/) })
      expect(JSON.stringify(error)).not.toContain('xxx')
      expect(stored).toBeGreaterThan(0)
      expect(await store.spans.count()).toBe(stored)
      expect(await thrown(store.writers.spans.write(batch(101)))).toBeInstanceOf(QueryError)
      rmSync(filler)
      expect(await store.writers.spans.write(batch(102))).toMatchObject({ stored: 20 })
      expect(await store.spans.count()).toBe(stored + 20)
      await store.close()
    } finally {
      unmount()
    }
  },
)

it.skipIf(!canMount)('PostgreSQL without room is waited for, and stores each row once when there is some', async () => {
  const { path, unmount } = mountSmall(48) ?? expect.unreachable()
  const server = await startPostgres()
  try {
    const owner = await unprivilegedUser()
    if (owner) chownSync(path, owner.uid, owner.gid)
    chmodSync(path, 0o755)
    await executePostgres(server.url, `create tablespace small location '${path}'`)
    await executePostgres(server.url, 'create database small tablespace small')
    const url = new URL(server.url)
    url.pathname = '/small'
    const codes = new Set<string>()
    let onFull = () => {}
    const isFull = new Promise<void>((resolve) => {
      onFull = resolve
    })
    const onError = ({ message }: Error) => {
      codes.add(message.match(/\[(\w+)\]/)?.[1] ?? message)
      onFull()
    }
    const store = await openStore(url.href, { migrate: true, writers: { onError } })
    const filler = join(path, 'filler')
    expect(() => {
      for (;;) appendFileSync(filler, Buffer.alloc(64 * 1024))
    }).toThrow(/ENOSPC/)
    const rows = Array.from({ length: 500 }, (_, n) => ({
      traceId: `t${n % 10}`,
      spanId: `s${n}`,
      name: 'n',
      startTime: new Date(),
      attributes: { text: Array.from({ length: 2_000 }, () => Math.random().toString(36)).join('') },
    }))
    const writing = store.writers.spans.write(rows)
    await Promise.race([isFull, writing])
    expect([...codes]).toEqual(['53100'])
    rmSync(filler)
    expect(await writing).toMatchObject({ stored: rows.length })
    expect(await store.spans.count()).toBe(rows.length)
    expect(store.writers.spans.stats()).toMatchObject({ accepted: rows.length, stored: rows.length, pending: 0 })
    await store.close()
  } finally {
    await server.remove()
    unmount()
  }
})
