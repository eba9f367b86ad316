import { existsSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Health, HealthCheck } from './health.ts'

/** Below so many free bytes a disk counts as almost full. */
export const littleRoom = 1024 ** 3

/** Free bytes in words: `0.4 GiB`. */
export const roomInWords = (bytes: number): string =>
  `${(bytes / 1024 ** 3).toLocaleString('en-US', { maximumFractionDigits: 1 })} GiB`

/** Whether the disk that a file or folder of this machine is on has room. While it has none, reads go on. */
export const diskRoom = (path: string): HealthCheck => roomCheck(async () => freeBytes(nearestFolder(path)))

/**
 * Whether a disk has room.
 *
 * @param free asks how many bytes are free; undefined where that is not known
 */
export const roomCheck = (free: () => Promise<number | undefined>): HealthCheck => ({
  name: 'disk',
  required: false,
  async check(): Promise<Health> {
    const started = performance.now()
    const bytes = await free()
    const latencyMs = performance.now() - started
    if (bytes === undefined || bytes >= littleRoom) return { ok: true, latencyMs }
    return { ok: false, latencyMs, error: `the disk is almost full: ${roomInWords(bytes)} free` }
  },
})

/** The folder that a path is in, or the nearest one above that is there. */
export function nearestFolder(path: string): string {
  let folder = dirname(path)
  while (!existsSync(folder)) folder = dirname(folder)
  return folder
}

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}
