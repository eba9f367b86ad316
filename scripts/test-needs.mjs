// What a test file needs before it runs, read from its own text and that of everything under test/ that it loads.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root } from './processes.mjs'

/** What files say that need more than themselves. */
const signs = {
  /** The run's directory and its servers. */
  servers: /\binject\('servers'\)|\bopenScratch\b/,
  postgres: /\bpostgresUrl\b/,
  /** A process of its own, which takes longer than all of a test beside it. */
  processes: /'node:child_process'/,
  /** The built package, or an example that is compiled against it. */
  build: /['"`/](?:dist|build)\/|(?:from|import\() ?'tracehold/,
}

/** Modules that are imported, and programs that are started, which stand beside the file or are named from the root. */
const references = /from '(\.[^']+)'|import\('(\.[^']+)'\)|^import '(\.[^']+)'|'([\w./-]+\.mjs)'/gm

const texts = new Map()

/**
 * @param {string} file an absolute path
 * @returns {Record<keyof typeof signs, boolean>}
 */
export function needsOf(file) {
  const reached = new Set([file])
  for (const path of reached) {
    for (const [, ...names] of textOf(path).matchAll(references)) {
      const name = names.find((each) => each !== undefined)
      for (const target of [join(dirname(path), name), join(root, name)]) {
        if (target.startsWith(join(root, 'test/')) && existsSync(target)) reached.add(target)
      }
    }
  }
  const says = (sign) => [...reached].some((path) => sign.test(textOf(path)))
  return Object.fromEntries(Object.entries(signs).map(([need, sign]) => [need, says(sign)]))
}

/** Whether a file needs neither a server, nor a build, nor a process of its own. */
export const isUnit = (file) => Object.values(needsOf(file)).every((need) => !need)

/** Every test file, as an absolute path; installed packages bring tests of their own, which are not ours. */
export function testFiles(directory = join(root, 'test')) {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name)
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : testFiles(path)
    return entry.name.endsWith('.test.ts') ? [path] : []
  })
}

function textOf(path) {
  if (!texts.has(path)) texts.set(path, readFileSync(path, 'utf8'))
  return texts.get(path)
}
