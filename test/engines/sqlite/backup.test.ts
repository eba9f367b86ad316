import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  backupDatabase,
  ConfigError,
  openStore,
  restoreDatabase,
  type Store,
  shrinkDatabase,
} from '../../../src/index.ts'
import { runCommand } from '../../cli/run-command.ts'

// Only SQLite is one file that we copy.
describe('backups of an SQLite database', () => {
  let cwd: string
  let store: Store
  beforeEach(async () => {
    cwd = await mkdtemp(join(tmpdir(), 'tracehold-backup-'))
    store = await openStore(`sqlite:${join(cwd, 'a.db')}`, { migrate: true })
  })
  afterEach(async () => {
    await store.close()
    await rm(cwd, { recursive: true })
  })

  const write = (traceId: string, count = 1, input = '') =>
    store.writers.spans.write(
      Array.from({ length: count }, (_, n) => ({ traceId, spanId: `s${n}`, name: 'x', startTime: new Date(), input })),
    )
  const spans = async (url: string): Promise<number> => {
    const copy = await openStore(url)
    try {
      const { differences } = await copy.rebuildTraces({ check: true })
      expect(differences).toEqual([])
      return await copy.db.$count(copy.tables.spans)
    } finally {
      await copy.close()
    }
  }

  it('are whole while somebody writes, and hold what was committed before', async () => {
    await write('before', 500, 'x'.repeat(1_000))
    let isOver = false
    const writing = (async () => {
      let batches = 0
      for (; !isOver; batches += 1) await write(`meanwhile ${batches}`, 10)
      return batches
    })()
    const { bytes } = await backupDatabase('a.db', 'deep/copy.db', { cwd })
    isOver = true
    expect(await writing).toBeGreaterThan(0)
    expect(bytes).toBe(statSync(join(cwd, 'deep/copy.db')).size)
    const copied = await spans(`sqlite:${join(cwd, 'deep/copy.db')}`)
    expect(copied).toBeGreaterThanOrEqual(500)
    expect(copied % 10).toBe(0)
  })

  it('are restored in the place of the database, also where it is damaged', async () => {
    await write('kept', 3)
    await backupDatabase('a.db', 'copy.db', { cwd })
    await write('later', 2)
    await expect(restoreDatabase('a.db', 'copy.db', { cwd })).rejects.toThrow(/--replace/)
    await expect(restoreDatabase('a.db', 'copy.db', { cwd, replace: true })).rejects.toThrow(/Another process has/)
    expect(await spans(`sqlite:${join(cwd, 'a.db')}`)).toBe(5)
    await store.close()
    await restoreDatabase('a.db', 'copy.db', { cwd, replace: true })
    expect(await spans(`sqlite:${join(cwd, 'a.db')}`)).toBe(3)
    writeFileSync(join(cwd, 'a.db'), 'damaged')
    await restoreDatabase('a.db', 'copy.db', { cwd, replace: true })
    expect(await spans(`sqlite:${join(cwd, 'a.db')}`)).toBe(3)
    await restoreDatabase('new.db', 'copy.db', { cwd })
    expect(await spans(`sqlite:${join(cwd, 'new.db')}`)).toBe(3)
  })

  it('have no free pages: a file that lost rows shrinks', async () => {
    await write('large', 300, 'y'.repeat(10_000))
    await store.prune({ olderThan: new Date(Date.now() + 60_000) })
    const { bytes } = await backupDatabase('a.db', 'copy.db', { cwd })
    expect(bytes).toBeLessThan(statSync(join(cwd, 'a.db')).size / 3)
  })

  it('leave nothing behind that is not whole', async () => {
    await expect(restoreDatabase('b.db', 'a.db.gone', { cwd })).rejects.toThrow(ConfigError)
    writeFileSync(join(cwd, 'other.db'), 'no database at all')
    await expect(restoreDatabase('b.db', 'other.db', { cwd })).rejects.toThrow()
    writeFileSync(join(cwd, 'empty.db'), '')
    await expect(restoreDatabase('b.db', 'empty.db', { cwd })).rejects.toThrow(/no database of tracehold/)
    await backupDatabase('a.db', 'copy.db', { cwd })
    await expect(backupDatabase('a.db', 'copy.db', { cwd })).rejects.toThrow(/there already/)
    await expect(backupDatabase('none.db', 'copy2.db', { cwd })).rejects.toThrow(/There is no database/)
    const stopped = AbortSignal.abort(new Error('enough'))
    await expect(backupDatabase('a.db', 'copy3.db', { cwd, signal: stopped })).rejects.toThrow('enough')
    await expect(backupDatabase('postgres://h/d', 'x', { cwd })).rejects.toThrow(/docs\/backup\.md/)
    expect(
      readdirSync(cwd)
        .filter((name) => !name.startsWith('a.db'))
        .sort(),
    ).toEqual(['copy.db', 'empty.db', 'other.db'])
  })

  it('are a command', async () => {
    await write('kept', 3)
    const backup = await runCommand(['backup', 'copy.db', '--db', 'sqlite:a.db'], { cwd })
    expect(backup).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Wrote .* of sqlite:a\.db to .*copy\.db, and checked it/),
    })
    await store.close()
    const restore = await runCommand(['restore', 'copy.db', '--db', 'sqlite:a.db', '--replace', '--json'], { cwd })
    expect(restore.json()).toMatchObject({ location: 'sqlite:a.db' })
    expect(existsSync(join(cwd, 'a.db-wal'))).toBe(false)
  })

  it('are not needed to shrink a file: what a prune deleted is given back, and cursors go on', async () => {
    await write('old', 2_000, 'x'.repeat(1_000))
    await write('kept', 10)
    const { done, value } = await store.follow('spans', { signal: AbortSignal.timeout(10_000) }).next()
    expect(done).toBe(false)
    await store.writers.traces.delete('old')
    await expect(shrinkDatabase('a.db', { cwd })).rejects.toThrow(/another process|Another process/)
    await store.close()
    const { stdout } = await runCommand(['shrink', '--db', 'sqlite:a.db', '--json'], { cwd })
    const { bytes, bytesBefore } = JSON.parse(stdout) as Record<'bytes' | 'bytesBefore', number>
    expect(bytesBefore).toBeGreaterThan(2_000_000)
    expect(bytes).toBeLessThan(bytesBefore / 3)
    expect(readdirSync(cwd)).toEqual(['a.db'])
    expect(await spans(`sqlite:${join(cwd, 'a.db')}`)).toBe(10)
    store = await openStore(`sqlite:${join(cwd, 'a.db')}`)
    await write('new', 5)
    const after = value ? { after: value.cursor } : {}
    const next = await store.follow('spans', { ...after, signal: AbortSignal.timeout(10_000) }).next()
    expect(next.value?.items.map(({ traceId }) => traceId)).toContain('new')
  })

  it('are not needed to shrink where there is no database, or another engine', async () => {
    await expect(shrinkDatabase('nothing.db', { cwd })).rejects.toThrow(ConfigError)
    await expect(shrinkDatabase('postgres://a@db.example/a')).rejects.toThrow(/tools of its engine/)
  })
})
