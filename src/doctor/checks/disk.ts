import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Target } from '../../engines/database-url.ts'
import { type Finding, failed, ok, skipped, warning } from '../finding.ts'
import type { Setup } from '../subject.ts'

const gigabyte = 1024 ** 3

/** Where an engine keeps its data on this machine; undefined for a server and for memory. */
export function localPath(target: Target): string | undefined {
  if (target.engine === 'sqlite') return target.path === ':memory:' ? undefined : resolve(target.path)
  return target.engine === 'clickhouse' && 'path' in target.place ? resolve(target.place.path) : undefined
}

/** Whether the engine's files can be written, and how much room is left. */
export function checkDisk({ target }: Setup): Finding {
  const path = localPath(target)
  if (path === undefined)
    return skipped(target.engine === 'sqlite' ? 'the data is in memory' : 'the server has its own')
  const folder = nearestFolder(path)
  const nextStep = 'Choose another path, or get the right to write there.'
  // SQLite keeps its log beside the file, so that the folder counts too.
  for (const each of existsSync(path) ? [path, folder] : [folder]) {
    const problem = writeProblem(each, each === folder)
    if (problem) return { ...failed(`${each} ${problem}`, nextStep), blocks: true }
  }
  const { bavail, bsize } = statfsSync(folder)
  const free = `${((bavail * bsize) / gigabyte).toLocaleString('en-US', { maximumFractionDigits: 1 })} GiB free in ${folder}`
  return bavail * bsize < gigabyte ? warning(free, 'Make room, or move the data to a larger disk.') : ok(free)
}

function nearestFolder(path: string): string {
  let folder = dirname(path)
  while (!existsSync(folder)) folder = dirname(folder)
  return folder
}

function writeProblem(path: string, mustBeFolder: boolean): string | undefined {
  if (mustBeFolder && !statSync(path).isDirectory()) return 'is no folder'
  try {
    accessSync(path, constants.W_OK)
    return undefined
  } catch {
    return 'is not writable'
  }
}
