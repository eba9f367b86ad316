import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** The repository's root directory. */
export const root = fileURLToPath(new URL('../..', import.meta.url))

/**
 * Runs a Node program, a path from the root, and resolves with its standard output.
 *
 * @throws {Error} with everything the program printed, when it fails
 */
export async function runProgram(program: string, args: string[], env: Record<string, string> = {}): Promise<string> {
  try {
    const options = { cwd: root, env: { ...process.env, ...env }, maxBuffer: 64 * 1024 * 1024 }
    const { stdout } = await promisify(execFile)(process.execPath, [join(root, program), ...args], options)
    return stdout
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    throw new Error(`${program} failed: ${stdout}${stderr}`, { cause: error })
  }
}
