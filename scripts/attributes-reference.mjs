// Writes docs/attributes.md from the profiles of instrumentations.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from './build.mjs'
import { ensureInstalled } from './ensure-installed.mjs'
import { root } from './processes.mjs'

await ensureInstalled()
if (!(await build({ ifStale: true }))) process.exit(1)
const { attributesReference } = await import('../dist/src/formats/otlp/profiles/reference.js')
writeFileSync(join(root, 'docs/attributes.md'), attributesReference())
console.log('Wrote docs/attributes.md.')
