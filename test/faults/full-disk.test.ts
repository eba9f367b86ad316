import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openStore, QueryError } from '../../src/index.ts'
import { thrown } from '../engines/thrown.ts'

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

const disk = mountSmall(8)

it.skipIf(!disk)(
  'a full disk refuses writes by name, keeps what is stored, and is used again when there is room',
  async () => {
    if (!disk) return
    const { path, unmount } = disk
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
