import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { z } from 'zod'
import { ConfigError } from '../errors.ts'
import type { Pool } from '../pool/pool.ts'
import type { RowKey } from './read-rows.ts'

const progressSchema = z.object({
  from: z.string(),
  to: z.string(),
  projectId: z.string().optional(),
  /** Tables that are copied. */
  done: z.array(z.string()),
  /** Rows copied, by table. */
  rows: z.record(z.string(), z.number()),
  /** The last row that was copied of the table that is being copied. */
  last: z
    .object({ table: z.string(), key: z.array(z.union([z.string(), z.number(), z.boolean(), z.null()])) })
    .optional(),
})

/** How far a copy is. */
export type Progress = Omit<z.infer<typeof progressSchema>, 'last'> & {
  last: { table: string; key: RowKey } | undefined
}

/**
 * The progress in a file; that of a new copy when there is none.
 *
 * @throws ConfigError when the file is of another copy
 */
export async function readProgress(
  path: string | undefined,
  from: Pool,
  to: Pool,
  projectId: string | undefined,
): Promise<Progress> {
  const fresh: Progress = {
    from: from.location,
    to: to.location,
    ...(projectId !== undefined && { projectId }),
    done: [],
    rows: {},
    last: undefined,
  }
  const text = path === undefined ? undefined : await readFile(path, 'utf8').catch(() => undefined)
  if (text === undefined) return fresh
  const found = progressSchema.safeParse(parsed(text)).data
  const same = found && found.from === fresh.from && found.to === fresh.to && found.projectId === projectId
  if (same) return { ...found, last: found.last }
  throw new ConfigError(`The file ${path} holds the progress of another copy. Remove it, or name another file.`)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Keeps the progress, so that a kill leaves the old or the new one. */
export async function writeProgress(path: string | undefined, progress: Progress): Promise<void> {
  if (path === undefined) return
  const temporary = `${path}.${process.pid}.tmp`
  await writeFile(temporary, JSON.stringify(progress))
  await rename(temporary, path)
}

export async function forgetProgress(path: string | undefined): Promise<void> {
  if (path !== undefined) await rm(path, { force: true })
}
