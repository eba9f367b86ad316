import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const execFileAsync = promisify(execFile)

let installed: Promise<unknown> | undefined

/** Installs the SDKs of this folder unless they are there; the first call on a machine takes up to two minutes. */
export async function ensureSdksInstalled(): Promise<void> {
  // In a process of its own, since waiting for the lock blocks.
  installed ??= execFileAsync(process.execPath, [fileURLToPath(new URL('install.mjs', import.meta.url))])
  await installed
}
