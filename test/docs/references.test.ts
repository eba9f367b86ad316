import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
const inDocs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
  .map((path) => `docs/${path.replaceAll('\\', '/')}`)
  .filter((path) => path.endsWith('.md'))
const pages = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...inDocs]
const read = (page: string) => readFileSync(join(root, page), 'utf8')

// The scripts are plain JavaScript without types: a name that is no literal keeps the compiler from looking for them.
const script: string = '../../scripts/layers.mjs'
const { layers, engines } = (await import(script)) as { layers: string[][]; engines: string[] }

/** Engines that docs/adding-an-engine.md plans: their files are not there yet. */
const isPlanned = (path: string) => /(^|\/)(pglite|mysql)(\/|\.|$)/.test(path)

/** The paths of this repository that a page names, with each engine for `<name>`. */
function pathsIn(page: string): string[] {
  const named = [...read(page).matchAll(/`((?:src|schema|drizzle|scripts|test|examples|bench|docs)\/[^`\s]*)`/g)]
  return named
    .flatMap(([, path = '']) =>
      path.includes('<name>') ? engines.map((name) => path.replace('<name>', name)) : [path],
    )
    .map((path) => path.replace('<table>', 'spans'))
    .filter((path) => !isPlanned(path))
}

/** Our own files on GitHub, as the README links them: npm shows it away from the repository. */
const repository = /\]\(https:\/\/github\.com\/tracehold\/tracehold\/(?:blob|tree)\/main\//g

/** The headings of a page, as links name them. */
const anchorsOf = (markdown: string) =>
  [...markdown.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  )

describe.each(pages)('%s', (page) => {
  it('names only files that exist', () => {
    expect(pathsIn(page).filter((path) => !existsSync(join(root, path)))).toEqual([])
  })

  it('links only to files and headings that exist', () => {
    const local = read(page).replaceAll(repository, `](${'../'.repeat(page.split('/').length - 1)}`)
    const links = [...local.matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)/g)]
    const broken = links.filter(([, path = '', anchor]) => {
      const target = path === '' ? page : join(dirname(page), path)
      if (!existsSync(join(root, target))) return true
      return anchor !== undefined && !anchorsOf(read(target)).includes(anchor)
    })
    expect(broken.map(([link]) => link)).toEqual([])
  })
})

describe('README.md', () => {
  it('has whole links, which npm shows as well', () => {
    const links = [...read('README.md').matchAll(/\]\(([^)\s]*)\)/g)].map(([, target = '']) => target)
    expect(links.length).toBeGreaterThan(10)
    expect(links.filter((target) => !target.startsWith('https://') && !target.startsWith('#'))).toEqual([])
  })
})

describe('CONTRIBUTING.md', () => {
  it('names at least forty files, so that its table is looked at', () => {
    expect(pathsIn('CONTRIBUTING.md').length).toBeGreaterThan(40)
  })

  it('shows the layers of scripts/layers.mjs', () => {
    const [, shown] = /<!-- layers -->\n```\n([^`]*)```/.exec(read('CONTRIBUTING.md')) ?? []
    expect(shown?.trim().split('\n')).toEqual(layers.toReversed().map((parts) => parts.join('  ')))
  })
})

describe('docs/decisions', () => {
  const notes = inDocs.filter((path) => /decisions\/\d/.test(path)).sort()

  it.each(notes)('%s has a date and a status', (note) => {
    expect(read(note).split('\n')[2]).toMatch(
      /^\d{4}-\d\d-\d\d · (proposed|accepted|replaced by \[\d{4}\]|changed by \[\d{4}\])/,
    )
  })

  it('are all in the list', () => {
    const listed = [...read('docs/decisions/README.md').matchAll(/\]\((0[^)]*)\)/g)].map(([, file]) => file)
    expect(listed).toEqual(notes.map((note) => note.replace('docs/decisions/', '')))
  })
})
