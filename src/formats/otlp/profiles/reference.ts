import {
  type As,
  type Column,
  type ContentSource,
  columnTypes,
  type KindRule,
  type Profile,
  type Source,
} from './profile.ts'
import { profiles } from './registry.ts'

const intro = `# What each column is read from

Written by \`npm run generate:attributes\` from \`src/formats/otlp/profiles/\`; a test keeps it current.

A span is read by the profile of its instrumentation: the first whose scope it has, else the first whose signature it
has, else the generic one. A row carries the name and version of its profile in \`reader\`. After a profile's own sources
come those of [OpenTelemetry GenAI](#opentelemetry-genai-generic1), then those of the other profiles, as far as their names have a dot.
Within a column the first attribute wins whose value makes sense in it; all attributes stay as they came.

- \`*\` is any number, and at the end of a name the rest of it.
- \`a → b.c\` is the member \`b.c\` of the attribute \`a\`, which is an object or JSON text.
- Tokens are counted as OpenTelemetry does: cached tokens are part of input, reasoning tokens part of output. A profile
  says how its instrumentation counts. The provider's own counts in metadata win over it, and so do counts that cannot
  be otherwise. The total is never less than input and output together.
- Without a rule on the kind, a tool's name or call id makes a tool, a model or messages a model call, an agent's name
  an agent.
- System instructions that come apart from the messages go with them to \`input\`. A level of \`ERROR\` or a flag that says
  failure makes the status of a span \`error\` where it was unset; the message of an exception is the status message
  where there is none. Tags and metadata of a root span are its trace's.

## Add a profile

1. Copy a short profile, such as \`laminar.ts\`, and give it a name, scopes and a signature: a prefix that no other instrumentation
   uses. \`profile.ts\` says what each member means.
2. Say what its columns are read from; what the generic profile reads already needs no line. Times are seconds unless \`as\` says
   otherwise. Kinds are those of \`schema/values.ts\`; messages under a name of its own need a rule for the kind.
3. Add it to \`registry.ts\`, a special profile before the one that it specialises, and a fixture to
   \`test/formats/profiles/fixtures.ts\`: every fixture is a test.
4. Run \`npm run generate:attributes\`, \`npm run format\` and \`npx vitest run test/formats/profiles\`.
`

/** The page `docs/attributes.md`. */
export function attributesReference(): string {
  return `${intro}\n${profiles.map(section).join('\n')}`
}

function section(profile: Profile): string {
  const {
    name,
    version,
    title,
    source,
    scopes,
    signature,
    when,
    columns,
    kinds = [],
    input = [],
    output = [],
  } = profile
  const known = [
    ...(scopes.length > 0 ? [`- Scopes: ${scopes.map(code).join(', ')}`] : []),
    ...(signature.length > 0 ? [`- Signature: ${signature.map(code).join(', ')}`] : []),
    ...Object.entries(when ?? {}).map(
      ([attribute, pattern]) => `- Where ${code(attribute)} is like ${code(String(pattern))}`,
    ),
    `- Defined at: <${source}>`,
    ...counted(profile),
  ]
  const rows = [
    ...(kinds.length > 0 ? [['kind', kinds.map(ruleText).join('; ')]] : []),
    ...(Object.entries(columns) as [Column, Source | readonly Source[]][]).map(([column, given]) => [
      column,
      (Array.isArray(given) ? given : [given as Source])
        .map((each) => sourceText(each, columnTypes[column]))
        .join(', '),
    ]),
    ...(input.length > 0 ? [['input', input.map(contentText).join(', ')]] : []),
    ...(output.length > 0 ? [['output', output.map(contentText).join(', ')]] : []),
  ]
  const table = ['| column | read from |', '|---|---|', ...rows.map(([column, text]) => `| ${column} | ${text} |`)]
  return [`<a id="${name}"></a>`, '', `## ${title}: \`${name}@${version}\``, '', ...known, '', ...table, ''].join('\n')
}

const code = (text: string) => `\`${text.replaceAll('|', '\\|')}\``

function counted({ counts }: Profile): string[] {
  if (counts === undefined) return []
  const { cachedInInput, reasoningInOutput, cachedApartFor, totalDecides } = counts
  const cached = cachedInInput ? 'part of input' : 'apart from input'
  const except = cachedApartFor === undefined ? '' : ` (apart for providers like ${code(String(cachedApartFor))})`
  const total = totalDecides ? '; a reported total that adds up otherwise decides' : ''
  return [
    `- Counts: cached tokens are ${cached}${except}, reasoning tokens ${reasoningInOutput ? 'part of' : 'apart from'} output${total}`,
  ]
}

function sourceText(source: Source, usual: As): string {
  if (typeof source === 'string') return code(source)
  if ('name' in source) return `the span's name ${code(String(source.name))} of ${source.for.join(', ')}`
  const { from, path, as, of, for: kinds } = source
  const notes = [
    ...(of === 'resource' ? ['resource'] : of === undefined ? [] : [`event ${code(of.event)}`]),
    ...(as === undefined || as === usual ? [] : [as]),
    ...(kinds === undefined ? [] : [`for ${kinds.join(', ')}`]),
  ]
  const attribute = path === undefined ? code(from) : `${code(from)} → ${code(path)}`
  return notes.length > 0 ? `${attribute} (${notes.join(', ')})` : attribute
}

function ruleText(rule: KindRule): string {
  if ('name' in rule) return `the name ${code(String(rule.name))}: ${rule.kind}`
  if ('is' in rule) {
    const values = Object.entries(rule.is).map(([value, kind]) => (value === kind ? kind : `${value} ${kind}`))
    return `${code(rule.attribute)} (${values.join(', ')})`
  }
  return `${code(rule.attribute)}${rule.like === undefined ? '' : ` like ${code(String(rule.like))}`}: ${rule.kind}`
}

function contentText(source: ContentSource): string {
  if (typeof source === 'string') return code(source)
  if (Array.isArray(source)) return (source as readonly string[]).map(code).join(' with ')
  if ('numbered' in source) return code(`${source.numbered}.*`)
  return 'events' in source ? `events ${source.events.map(code).join(', ')}` : ''
}
