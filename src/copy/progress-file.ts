import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import type { z } from 'zod'
import { ConfigError } from '../errors.ts'
import type { Pool } from '../pool/pool.ts'

/** What rows go from where to where. */
export interface Route {
  readonly from: string
  readonly to: string
  /** Undefined for all projects. */
  readonly projectId?: string | undefined
}

/** The way from one store to another. */
export const routeOf = (from: Pool, to: Pool, projectId: string | undefined): Route => ({
  from: from.location,
  to: to.location,
  ...(projectId !== undefined && { projectId }),
})

/** Two places that are the same one. */
export const isSamePlace = ({ from, to }: Route): boolean => from === to && !from.endsWith(':memory:')

/**
 * The progress in a file; `fresh` when there is none.
 *
 * @throws ConfigError when the file is of another route, or no such file
 */
export async function readProgress<T extends Route>(
  path: string | undefined,
  schema: z.ZodType<T>,
  fresh: NoInfer<T>,
): Promise<T> {
  const text = path === undefined ? undefined : await readFile(path, 'utf8').catch(() => undefined)
  if (text === undefined) return fresh
  const found = schema.safeParse(parsed(text)).data
  const same = found && found.from === fresh.from && found.to === fresh.to && found.projectId === fresh.projectId
  if (same) return found
  throw new ConfigError(
    `The file ${path} holds other progress than that of this call. Remove it, or name another file.`,
  )
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
