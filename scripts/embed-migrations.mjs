// The migrations as a module that needs no file: the built package and every bundle of it hold their texts.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './processes.mjs'

const folder = join(root, 'drizzle')

/** The text of the module that takes the place of src/engines/shipped-files.ts. */
export function embeddedMigrations() {
  const engines = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  const files = Object.fromEntries(engines.map(({ name }) => [name, sqlFiles(join(folder, name))]))
  return `// Made by the build from drizzle/.\nconst files = ${JSON.stringify(files, null, 2)}\nexport const shippedFiles = () => files\n`
}

const sqlFiles = (directory) =>
  Object.fromEntries(
    readdirSync(directory)
      .filter((name) => name.endsWith('.sql'))
      .map((name) => [name, readFileSync(join(directory, name), 'utf8')]),
  )

/** Puts the texts into what the compiler wrote. */
export function embedMigrations() {
  writeFileSync(join(root, 'dist/src/engines/shipped-files.js'), embeddedMigrations())
}

/** The same for what esbuild bundles from the sources. */
export const embedMigrationsPlugin = {
  name: 'embed-migrations',
  setup(build) {
    build.onLoad({ filter: /engines[/\\]shipped-files\.ts$/ }, () => ({ contents: embeddedMigrations(), loader: 'js' }))
  },
}
