import { shippedMigrations } from './migration-files.ts'

const made =
  /^\s*(create|drop)\s+(?:unique\s+)?(?:virtual\s+table|trigger|index)\s+(?:if\s+(?:not\s+)?exists\s+)?(?:["`]?tracehold["`]?\.)?["`]?(\w+)["`]?/gim

const droppedConstraint = /^\s*alter table [^;]*? drop constraint "(\w+)"/gim

/**
 * The indexes that an engine's migrations make, by name, each with the statement that makes it.
 *
 * @param more what the engine makes otherwise, read from a statement of its migrations
 */
export function expectedIndexes(
  engine: string,
  more: (statement: string) => Iterable<readonly [name: string, statement: string]> = () => [],
): Map<string, string> {
  const expected = new Map<string, string>()
  for (const { statements } of shippedMigrations(engine)) {
    for (const statement of statements) {
      for (const [, verb = '', name = ''] of statement.matchAll(made)) {
        if (verb.toLowerCase() === 'create') expected.set(name, inOneLine(statement))
        else expected.delete(name)
      }
      for (const [, name = ''] of statement.matchAll(droppedConstraint)) expected.delete(name)
      for (const [name, its] of more(statement)) expected.set(name, inOneLine(its))
    }
  }
  return expected
}

/** A statement in one line, without comments. */
const inOneLine = (statement: string) =>
  statement
    .replace(/^\s*--.*$/gm, '')
    .replace(/\s+/g, ' ')
    .replace(/;\s*$/, '')
    .trim()
