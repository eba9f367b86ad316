// Writes .env.example and the table of docs/configuration.md from the schema of the configuration.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from './build.mjs'
import { ensureInstalled } from './ensure-installed.mjs'
import { root } from './processes.mjs'

await ensureInstalled()
if (!(await build({ ifStale: true }))) process.exit(1)
const { envExample, withReference } = await import('../dist/src/config/reference.js')
const page = join(root, 'docs/configuration.md')
writeFileSync(join(root, '.env.example'), envExample())
writeFileSync(page, withReference(readFileSync(page, 'utf8')))
console.log('Wrote .env.example and the settings in docs/configuration.md.')
