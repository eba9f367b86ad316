import pc from 'picocolors'

/** Colours for what a stream shows: none in a pipe or with NO_COLOR, and always with FORCE_COLOR. */
function colorsFor(stream: NodeJS.WriteStream) {
  const wanted = stream.isTTY === true || Boolean(process.env.FORCE_COLOR)
  return pc.createColors(wanted && pc.isColorSupported)
}

/** Colours for results, which go to standard output. */
export const colors = colorsFor(process.stdout)

/** Colours for notes and errors, which go to standard error. */
export const noteColors = colorsFor(process.stderr)

export type Colors = ReturnType<typeof colorsFor>

/** Columns that results may take: the terminal's, or undefined where there is none. */
export const terminalWidth = (): number | undefined => (process.stdout.isTTY ? process.stdout.columns : undefined)

/** Prints a result for people. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

/** Prints a result for programs. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2))
}

/** Prints what is no part of the result, so that a pipe does not get it. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`)
}
