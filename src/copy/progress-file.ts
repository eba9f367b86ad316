import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import type { Pool } from '../engines/pool.ts'
import { ConfigError } from '../errors.ts'
import { Migrator } from '../migrations/migrator.ts'
import { holdsRows } from '../row-pages/read-rows.ts'

export const routeSchema = z.object({
  from: z.string(),
  to: z.string(),
  /** Undefined for all projects. */
  projectId: z.string().optional(),
  /** When the tables of both sides were made: tables of another time are another database. */
  madeAt: z.tuple([z.string(), z.string()]),
  /** What both databases call themselves, where they have a name. */
  names: z.tuple([z.string(), z.string()]),
})

/** What rows go from where to where. */
export type Route = z.infer<typeof routeSchema>

/**
 * The way from one store to another.
 *
 * @throws StorageError when one of them does not answer
 */
export async function routeOf(from: Pool, to: Pool, projectId: string | undefined): Promise<Route> {
  return {
    from: from.location,
    to: to.location,
    ...(projectId !== undefined && { projectId }),
    madeAt: [await madeAt(from), await madeAt(to)],
    names: [(await from.identity()) ?? '', (await to.identity()) ?? ''],
  }
}

async function madeAt(pool: Pool): Promise<string> {
  const { applied } = await new Migrator(pool).status()
  return applied[0]?.appliedAt ?? ''
}

/**
 * The progress in a file; `fresh` when there is none, or when it is of databases that are not there any more: one
 * of them is another one now, or the target has lost its rows.
 *
 * @throws ConfigError when the file is of another route, or no such file
 */
export async function readProgress<T extends Route>(
  path: string | undefined,
  schema: z.ZodType<T>,
  fresh: NoInfer<T>,
  to: Pool,
): Promise<T> {
  const text = path === undefined ? undefined : await readFile(path, 'utf8').catch(() => undefined)
  if (text === undefined) return fresh
  const found = schema.safeParse(parsed(text)).data
  const same = found && found.from === fresh.from && found.to === fresh.to && found.projectId === fresh.projectId
  if (!same) {
    throw new ConfigError(
      `The file ${path} holds other progress than that of this call. Remove it, or name another file.`,
    )
  }
  const isOfThese = isDeepStrictEqual([found.madeAt, found.names], [fresh.madeAt, fresh.names])
  return isOfThese && (await holdsRows(to, fresh.projectId)) ? found : fresh
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Keeps the progress, so that a kill leaves the old or the new one. */
export async function writeProgress(path: string | undefined, progress: Route): Promise<void> {
  if (path === undefined) return
  const temporary = `${path}.${process.pid}.tmp`
  await writeFile(temporary, JSON.stringify(progress))
  await rename(temporary, path)
}

export async function forgetProgress(path: string | undefined): Promise<void> {
  if (path !== undefined) await rm(path, { force: true })
}
