// CommonJS's way in: a file for each entry of the package that requires the same modules, so that no class exists twice,
// and declarations that a CommonJS program reads together with those of drizzle-orm for CommonJS.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { root } from './processes.mjs'

const folder = join(root, 'dist/cjs')

/** Writes dist/cjs/. */
export function writeCommonjsEntries() {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const isDeclaration = (source) => !/\.[^/\\]+$/.test(source) || source.endsWith('.d.ts')
  for (const name of ['schema', 'src']) {
    cpSync(join(root, 'dist', name), join(folder, name), { recursive: true, filter: isDeclaration })
  }
  writeFileSync(join(folder, 'package.json'), '{ "type": "commonjs" }\n')
  for (const entry of Object.values(exports)) {
    if (!entry.require) continue
    const file = join(root, entry.require.default)
    const target = relative(dirname(file), join(root, entry.import.default)).replaceAll('\\', '/')
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, `module.exports = require('${target}')\n`)
  }
}
