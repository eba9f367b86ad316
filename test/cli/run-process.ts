import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type CommandResult, type RunOptions, resultOf, TextStream } from './run-command.ts'

/** The built command, for the few tests of what only a process has: signals, pipes that close, its start. */
export const command = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

/** Runs the built command as a process of its own. */
export async function runProcess(
  args: readonly string[],
  options: Pick<RunOptions, 'input' | 'cwd' | 'env'> = {},
): Promise<CommandResult> {
  const child = spawn(process.execPath, [command, ...args], {
    cwd: options.cwd,
    env: { PATH: process.env.PATH, TZ: 'UTC', ...options.env },
  })
  // A command that ends without reading its input closes the pipe.
  child.stdin.on('error', () => {})
  child.stdin.end(options.input)
  const [stdout, stderr] = [new TextStream(), new TextStream()]
  child.stdout.pipe(stdout)
  child.stderr.pipe(stderr)
  const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve))
  return resultOf(code, stdout.text(), stderr.text())
}
