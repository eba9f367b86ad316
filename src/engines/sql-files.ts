import { readdirSync, readFileSync } from 'node:fs'

/** The SQL files of a folder. */
export function sqlFiles(folder: URL | string): Readonly<Record<string, string>> {
  const at = (name: string) => (typeof folder === 'string' ? `${folder}/${name}` : new URL(name, folder))
  const names = readdirSync(folder).filter((name) => name.endsWith('.sql'))
  return Object.fromEntries(names.map((name) => [name, readFileSync(at(name), 'utf8')]))
}
