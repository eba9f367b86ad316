import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openStore, type PruneReport, type Store } from '../../src/index.ts'
import { withLease } from '../../src/lifecycle/lease.ts'
import { describeAnyBackend } from '../backends.ts'
import { onDay, storedIds, wholeTraces, writeWhole } from '../lifecycle/life-of-data.ts'
import { runCommand } from './run-command.ts'

describeAnyBackend('tracehold prune, erase and maintain', (backend) => {
  let store: Store
  beforeAll(async () => {
    store = await openStore(backend.url(), { migrate: true })
    await writeWhole(store, [
      ['a', 0],
      ['b', 1, { environment: 'staging' }],
      ['c', 5],
      ['d', 9],
    ])
  })
  afterAll(() => store.close())

  const run = (args: string[], env = {}) => runCommand([...args, '--db', backend.url()], { env })

  it('say what would go', async () => {
    const { code, stdout } = await run(['prune', '--older-than', onDay(2), '--dry-run'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^This would be deleted:\n {2}2 traces, \d{4}-.*, about [\d.]+ k?B\n {2}6 spans/)
    expect(await storedIds(store)).toEqual(wholeTraces('a', 'b', 'c', 'd'))
  })

  it('delete what the options ask for', async () => {
    const { stdout } = await run(['prune', '--older-than', onDay(2), '--environment', 'staging'])
    expect(stdout).toBe('Deleted 1 traces, 3 spans, 1 events, 1 results, 1 logs.\n')
    const report = (await run(['prune', '--older-than', onDay(2), '--json'])).json<PruneReport>()
    expect(report).toMatchObject({ dryRun: false, deleted: { traces: 1, spans: 3 } })
    expect(await storedIds(store)).toEqual(wholeTraces('c', 'd'))
  })

  it('do what the configuration says', async () => {
    const { stdout } = await run(['maintain'], { TRACEHOLD_RETENTION_OLDER_THAN: onDay(7) })
    expect(stdout).toMatch(/^Deleted 1 traces/)
    expect(await storedIds(store)).toEqual(wholeTraces('d'))
  })

  it('maintain one project after the other', async () => {
    const others = ['one', 'zwei ü'].map((projectId) => store.forProject(projectId))
    for (const other of others)
      await writeWhole(other, [
        ['old', 0],
        ['young', 9],
      ])
    const { stdout, code } = await run(['maintain', '--all-projects'], { TRACEHOLD_RETENTION_OLDER_THAN: onDay(7) })
    expect(stdout).toMatch(/^default: Deleted .*\none: Deleted 1 traces, .*\nzwei ü: Deleted 1 traces, .*\n$/)
    expect(code).toBe(0)
    for (const other of others) expect(await storedIds(other)).toEqual(wholeTraces('young'))
    const { pool } = store
    await withLease({ pool, projectId: 'one' }, 'prune', async () => {
      const busy = await run(['maintain', '--all-projects', '--json'], { TRACEHOLD_RETENTION_OLDER_THAN: onDay(10) })
      expect(busy.code).toBe(1)
      expect(busy.stderr).toMatch(/one: Another process does this now/)
      // The others are done.
      expect(busy.stdout.match(/"projectId"/g)).toHaveLength(2)
    })
    await others[0]?.prune({ olderThan: onDay(10) })
    await writeWhole(store, [['d', 9]])
  })

  it('archive what is old, for an import', async () => {
    await writeWhole(store, [['old', 0]])
    const cwd = await mkdtemp(join(tmpdir(), 'tracehold-archive-'))
    const args = ['archive', '--older-than', onDay(7), '--to', 'cold', '--db', backend.url()]
    const planned = await runCommand([...args, '--dry-run'], { cwd })
    expect(planned.stdout).toMatch(/^This would be archived:\n {2}1 traces/)
    const { stdout } = await runCommand(args, { cwd })
    expect(stdout).toMatch(
      /^Archived 1 traces, 3 spans, 1 events, 1 results, 1 logs in 1 file of cold, [\d.]+ k?B\.\n$/,
    )
    expect((await runCommand(args, { cwd })).stdout).toBe('Nothing is that old.\n')
    const [name = ''] = await readdir(join(cwd, 'cold'))
    const imported = await runCommand(['import', `cold/${name}`, '--db', backend.url()], { cwd })
    expect(imported.stdout).toMatch(/1 trace.*3 spans/)
    expect(await storedIds(store)).toEqual(wholeTraces('d', 'old'))
    await store.prune({ olderThan: onDay(7) })
    await rm(cwd, { recursive: true })
  })

  it('erase a person, and keep a report', async () => {
    await writeWhole(store, [['of u', 0, { userId: 'u' }]])
    const cwd = await mkdtemp(join(tmpdir(), 'tracehold-erase-'))
    const args = ['erase', '--user', 'u', '--report', 'report.json', '--db', backend.url()]
    const { stdout } = await runCommand(args, { cwd })
    expect(stdout).toMatch(/^Erased 1 traces, 3 spans, .*\nIt may remain for a while:\n {2}backups/)
    expect(JSON.parse(await readFile(join(cwd, 'report.json'), 'utf8'))).toMatchObject({ deleted: { traces: 1 } })
    expect(await storedIds(store)).toEqual(wholeTraces('d'))
    // A report is not written over.
    expect((await runCommand(args, { cwd })).code).toBe(1)
    await rm(cwd, { recursive: true })
  })

  it('say what is wrong, and delete nothing', async () => {
    for (const [args, message] of [
      [['maintain'], 'No retention is configured'],
      [['prune'], 'olderThan must be given'],
      [['erase'], 'one of --user, --session and --filter'],
      [['erase', '--user', 'u', '--session', 's'], 'one of --user, --session and --filter'],
      [['erase', '--filter', '{}'], 'must have a condition'],
      [['prune', '--environment', 'staging'], 'a filter has no age'],
      [['prune', '--older-than', 'yesterday'], 'olderThan must be a length of time such as 30d'],
    ] as const) {
      const { code, stderr } = await run([...args])
      expect(code, stderr).toBeGreaterThan(0)
      expect(stderr).toContain(message)
    }
    expect(await storedIds(store)).toEqual(wholeTraces('d'))
  })
})
