// Puts the command's modules, and those of packages that are many small ones, into few files: to find and read some 490
// files takes half of the time of a short call.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { embedMigrationsPlugin } from './embed-migrations.mjs'
import { root } from './processes.mjs'

const source = 'src/cli/main.ts'
const packages = ['drizzle-orm', 'zod', 'uuid']

/** The file that `tracehold` runs. */
export const commandFile = join(root, 'dist/cli/main.js')

/** Writes dist/cli/ from src/. Answers whether that went well; esbuild says what did not. */
export async function bundleCommand() {
  // A dependency: it is there only when everything is installed.
  const { build } = await import('esbuild')
  const { dependencies, peerDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const external = Object.keys({ ...dependencies, ...peerDependencies }).filter((name) => !packages.includes(name))
  try {
    const { metafile } = await build({
      absWorkingDir: root,
      entryPoints: [source],
      outdir: 'dist/cli',
      bundle: true,
      splitting: true,
      platform: 'node',
      target: 'node20.19',
      format: 'esm',
      external,
      plugins: [embedMigrationsPlugin],
      keepNames: true,
      sourcemap: true,
      sourcesContent: false,
      metafile: true,
      logLevel: 'warning',
    })
    checkPackages(Object.keys(metafile.inputs))
    writeFileSync(join(root, 'dist/cli/LICENSES.txt'), packages.map(licenseOf).join('\n\n'))
    return true
  } catch (error) {
    if (!error.errors) console.error(error)
    return false
  }
}

/** What else a dependency brings along must be named above, with its license. */
function checkPackages(inputs) {
  const found = inputs.map((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]).filter(Boolean)
  const others = [...new Set(found)].filter((name) => !packages.includes(name))
  if (others.length > 0) throw new Error(`The bundle of the command holds packages that it does not name: ${others}`)
}

function licenseOf(name) {
  const directory = join(root, 'node_modules', name)
  const { version, license, homepage } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'))
  const about = `${name} ${version}, ${license}, ${homepage}`
  // Drizzle's package has none.
  const file = ['LICENSE', 'LICENSE.md'].map((text) => join(directory, text)).find(existsSync)
  return file ? `${about}\n\n${readFileSync(file, 'utf8').trim()}` : about
}
