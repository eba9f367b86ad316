import type { ImportRejection } from '../ingest/rejection.ts'
import { formatCount } from './format.ts'
import type { CommandIo } from './io.ts'
import { printable } from './printable.ts'

/** The most that are listed: more would hide other output, and need too much memory for a large file. */
const mostShown = 50

/** The rejected rows of one source. It is printed after the source, so that it does not break the progress bar. */
export class RejectionList {
  readonly #name: string
  readonly #shown: ImportRejection[] = []
  #size = 0

  constructor(name: string) {
    this.#name = name
  }

  get size(): number {
    return this.#size
  }

  add(rejection: ImportRejection): void {
    this.#size += 1
    if (this.#shown.length < mostShown) this.#shown.push(rejection)
  }

  /** Prints them by line as `file:line: what is wrong`. */
  print(io: CommandIo): void {
    for (const { line, message } of this.#shown.toSorted((a, b) => a.line - b.line)) {
      // Some messages begin with the line already.
      const rest = message.startsWith(`Line ${line} `) ? message.slice(`Line ${line} `.length) : message
      io.note(`${io.noteColors.yellow(`${this.#name}:${line}:`)} ${printable(rest)}`)
    }
    const more = this.#size - this.#shown.length
    if (more > 0) io.note(io.noteColors.yellow(`${this.#name}: … and ${formatCount(more)} more`))
  }
}
