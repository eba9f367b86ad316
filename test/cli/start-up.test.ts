import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const cli = fileURLToPath(new URL('../../src/cli/', import.meta.url))

/** The packages that a module loads at once, itself or through others of ours. */
function packagesOf(file: string, seen = new Set<string>()): Set<string> {
  const packages = new Set<string>()
  if (seen.has(file)) return packages
  seen.add(file)
  for (const [, name = ''] of readFileSync(file, 'utf8').matchAll(
    /^(?:import|export) (?!type )(?:[^'()]* from )?'([^']+)'/gm,
  )) {
    if (name.startsWith('.')) for (const each of packagesOf(join(dirname(file), name), seen)) packages.add(each)
    else if (!name.startsWith('node:')) packages.add(name)
  }
  return packages
}

// Their list itself loads none of them.
const commands = readdirSync(join(cli, 'commands')).filter((name) => name !== 'commands.ts')

// Help, and a call that is wrong, take as long as it takes to load a command.
it.each(['main.ts', 'run-cli.ts', ...commands])(
  '%s loads neither a database nor what reads the configuration',
  (name) => {
    const packages = packagesOf(join(cli, commands.includes(name) ? `commands/${name}` : name))
    expect(['commander', 'picocolors', 'string-width']).toEqual(expect.arrayContaining([...packages]))
    expect(packages).toContain('commander')
  },
)
