import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs'
import { littleRoom, nearestFolder, roomInWords } from '../../engines/disk-room.ts'
import { type Finding, failed, ok, skipped, warning } from '../../engines/finding.ts'
import type { Setup } from '../subject.ts'

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
  const free = `${roomInWords(bavail * bsize)} free in ${folder}`
  return bavail * bsize < littleRoom ? warning(free, 'Make room, or move the data to a larger disk.') : ok(free)
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
