import { acceptedDuration, isInMilliseconds } from './setting.ts'
import { type Setting, settings } from './settings.ts'

/** The marks around the table of settings in docs/configuration.md. */
export const referenceMarks = [
  '<!-- settings: made by scripts/config-reference.mjs -->',
  '<!-- end of settings -->',
] as const

/** The content of `.env.example`: every variable, commented out, with its default. */
export function envExample(): string {
  const blocks = settings
    .filter(({ env }) => env.length > 0)
    .map((setting) => {
      const [name = '', ...others] = setting.env
      const also = others.length > 0 ? [`# Also read: ${others.join(', ')}.`] : []
      const accepted = `# Accepted: ${acceptedBy(setting, name)}.${defaultNote(setting, name)}`
      return [`# ${setting.description}`, accepted, ...also, `# ${name}=${defaultOf(setting, name)}`].join('\n')
    })
  const head = `# Settings of tracehold. Copy this file to .env, and remove the # from the lines that you set.
# The environment wins over .env, and both win over tracehold.config.yaml (.toml, .json).
# TRACEHOLD_CONFIG names another file. A length of time is in seconds, except for names that end in _MS.
# See docs/configuration.md.
# Made by scripts/config-reference.mjs.`
  return `${[head, ...blocks].join('\n\n')}\n`
}

/** The table of settings for docs/configuration.md. */
export function referenceTable(): string {
  const rows = settings.map((setting) => {
    const { description, env, file, key } = setting
    const [name = file[0] ?? ''] = env
    const accepted = acceptedBy(setting, name).replaceAll('|', '\\|')
    const preset = defaultOf(setting, name) || setting.defaultText || 'none'
    return `| ${names(env)} | ${names(file)} | \`${key}\` | ${preset} | ${description} Accepted: ${accepted}. |`
  })
  return [
    '| in the environment | in a file | as an option | default | what it is |',
    '|---|---|---|---|---|',
    ...rows,
  ].join('\n')
}

/** A page with its table of settings brought up to date. */
export function withReference(page: string): string {
  const [start, end] = referenceMarks.map((mark) => page.indexOf(mark))
  if (start === undefined || end === undefined || start < 0 || end < start) throw new TypeError('the page has no marks')
  return `${page.slice(0, start)}${referenceMarks[0]}\n${referenceTable()}\n${page.slice(end)}`
}

const names = (list: readonly string[]) => list.map((name) => `\`${name}\``).join(', ') || 'none'

const acceptedBy = ({ accepted, limitsMs }: Setting, name: string) =>
  limitsMs ? acceptedDuration(limitsMs, isInMilliseconds(name)) : accepted

/** The default as it is written under a name; empty without a default. */
function defaultOf({ fallback, kind, defaultText }: Setting, name: string): string {
  if (fallback === undefined || typeof fallback === 'object')
    return defaultText?.includes(' ') ? '' : (defaultText ?? '')
  return String(kind === 'duration' && !isInMilliseconds(name) ? Number(fallback) / 1000 : fallback)
}

function defaultNote(setting: Setting, name: string): string {
  if (setting.defaultText?.includes(' ')) return ` Default: ${setting.defaultText}.`
  return defaultOf(setting, name) === '' ? ' No default.' : ''
}
