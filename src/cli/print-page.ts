import type { Page } from '../repositories/page.ts'
import { formatCount } from './format.ts'
import { colors, note, noteColors, print, printJson, terminalWidth } from './output.ts'
import { type Column, renderTable } from './table.ts'

/** Prints a page of a list: a table for people, or all of it for programs. */
export function printPage<T>(
  { items, cursor }: Page<T>,
  {
    json = false,
    noun,
    columnsFor,
  }: { json?: boolean | undefined; noun: string; columnsFor: (items: readonly T[]) => Column<T>[] },
): void {
  if (json) {
    printJson({ items, cursor: cursor ?? null })
    return
  }
  if (items.length === 0) {
    note(`No ${noun} found.`)
    return
  }
  for (const line of renderTable(columnsFor(items), items, { width: terminalWidth(), colors })) print(line)
  if (cursor !== undefined) note(noteColors.dim(`\nMore: add --after ${cursor}`))
}

/** Prints how many there are; in a pipe as a number that programs read. */
export function printCount(count: number, { json = false }: { json?: boolean | undefined }): void {
  if (json) printJson({ count })
  else print(process.stdout.isTTY ? formatCount(count) : String(count))
}
