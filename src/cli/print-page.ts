import type { Page } from '../repositories/page.ts'
import { formatCount } from './format.ts'
import type { CommandIo } from './io.ts'
import { type Column, renderTable } from './table.ts'

/** Prints a page of a list: a table for people, or all of it for programs. */
export function printPage<T>(
  io: CommandIo,
  { items, cursor }: Page<T>,
  {
    json = false,
    noun,
    columnsFor,
  }: { json?: boolean | undefined; noun: string; columnsFor: (items: readonly T[]) => Column<T>[] },
): void {
  if (json) {
    io.printJson({ items, cursor: cursor ?? null })
    return
  }
  if (items.length === 0) {
    io.note(`No ${noun} found.`)
    return
  }
  for (const line of renderTable(columnsFor(items), items, io)) io.print(line)
  if (cursor !== undefined) io.note(io.noteColors.dim(`\nMore: add --after ${cursor}`))
}

/** Prints how many there are; in a pipe as a number that programs read. */
export function printCount(io: CommandIo, count: number, { json = false }: { json?: boolean | undefined }): void {
  if (json) io.printJson({ count })
  else io.print(io.stdout.isTTY ? formatCount(count) : String(count))
}
