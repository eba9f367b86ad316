import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore, type Store, type WriterOptions } from '../../../src/index.ts'

/** Runs `work` on a store in a file of its own; `bytes` is what the closed database has on disk. */
export async function onScratch<T>(
  writers: WriterOptions,
  work: (store: Store) => Promise<T>,
): Promise<{ result: T; bytes: Buffer }> {
  const directory = await mkdtemp(join(tmpdir(), 'tracehold-transform-'))
  try {
    const store = await openStore(`sqlite:${join(directory, 'traces.db')}`, { migrate: true, writers })
    let result: T
    try {
      result = await work(store)
    } finally {
      await store.close()
    }
    const files = await readdir(directory)
    return { result, bytes: Buffer.concat(await Promise.all(files.map((file) => readFile(join(directory, file))))) }
  } finally {
    await rm(directory, { recursive: true })
  }
}
