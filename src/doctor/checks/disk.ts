import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { type Finding, failed, ok, skipped, warning } from '../../engines/finding.ts'
import type { Setup } from '../subject.ts'

const gigabyte = 1024 ** 3

/** Whether the engine's files can be written, and how much room is left. */
export function checkDisk({ target }: Setup): Finding {
  const { path } = target
  if (path === undefined) return skipped('the data is in memory, or on a server that has its own')
  const folder = nearestFolder(path)
  const nextStep = 'Choose another path, or get the right to write there.'
  // An engine may keep more files beside its own, such as a log: the folder counts too.
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
