import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** The built command. */
export const command = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

/** What a run of the command came to. */
export interface CommandResult {
  code: number | null
  stdout: string
  stderr: string
  /** Standard output as JSON. */
  json<T>(): T
}

export interface RunOptions {
  /** What the command reads from standard input. */
  input?: string
  cwd?: string
  env?: Record<string, string>
}

/** Runs the built command, away from this process's own configuration, and without a terminal. */
export async function runCommand(args: readonly string[], options: RunOptions = {}): Promise<CommandResult> {
  const child = spawn(process.execPath, [command, ...args], {
    cwd: options.cwd,
    env: { PATH: process.env.PATH, TZ: 'UTC', ...options.env },
  })
  // A command that ends without reading its input closes the pipe.
  child.stdin.on('error', () => {})
  child.stdin.end(options.input)
  const [stdout, stderr, code] = await Promise.all([
    textOf(child.stdout),
    textOf(child.stderr),
    new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve)),
  ])
  return { code, stdout, stderr, json: () => JSON.parse(stdout) }
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString()
}
