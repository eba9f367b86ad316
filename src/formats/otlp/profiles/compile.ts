import type { SpanKind } from '../../../../schema/values.ts'
import type { SpanClass } from './kinds.ts'
import { spanClassOf } from './kinds.ts'
import type { AttributeSource, Column, ContentSource, Counts, KindRule, Profile, Source } from './profile.ts'
import { columnTypes } from './profile.ts'
import { atPath, type Read, readers, readText } from './values.ts'

/** All columns; a column is its index from here on. */
export const columns = Object.keys(columnTypes) as Column[]

/** The index of a column. */
export const indexOf = Object.fromEntries(columns.map((column, i) => [column, i])) as Record<Column, number>

/** One meaning of an attribute. The lower rank wins. */
export interface Slot {
  readonly column: number
  readonly rank: number
  readonly read: Read
  readonly isInstant: boolean
  readonly kinds: readonly SpanKind[] | undefined
  /** Values of several attributes make up one: a list, or the members of an object. */
  readonly collect: 'list' | { readonly member: string } | undefined
}

/** A rule on the kind. */
export interface KindSlot {
  readonly rank: number
  readonly read: (value: unknown) => SpanClass | undefined
}

/** Content that an attribute is, or is a part of. */
export interface ContentSlot {
  readonly side: 'input' | 'output'
  readonly rank: number
}

/** What an attribute means to a profile. */
export interface Meaning {
  readonly slots: readonly Slot[]
  readonly kinds: readonly KindSlot[]
  readonly content: readonly ContentSlot[]
  /** Whether nothing is read from it although its name looks like usage, cost, model, session or tool. */
  readonly looksUnread: boolean
}

/** A part of the span's name that a column is read from. */
interface NamePart {
  readonly column: number
  readonly rank: number
  readonly name: RegExp
  readonly kinds: readonly SpanKind[]
}

/** A profile as lookups. */
export interface CompiledProfile {
  readonly profile: Profile
  /** `name@version`, as rows carry it. */
  readonly reader: string
  readonly counts: Counts | undefined
  /** Ranks of the sources of the time to the first chunk whose unit nobody says: the same names have two. */
  readonly guessedTimes: ReadonlySet<number>
  /** What an attribute of this name means. */
  readonly meaning: (name: string) => Meaning
  readonly nameKinds: readonly { readonly rank: number; readonly name: RegExp; readonly spanClass: SpanClass }[]
  readonly nameParts: readonly NamePart[]
  /** Slots by resource attribute, and by event and its attribute. */
  readonly resource: ReadonlyMap<string, readonly Slot[]>
  readonly events: ReadonlyMap<string, ReadonlyMap<string, readonly Slot[]>>
  readonly input: readonly ContentSource[]
  readonly output: readonly ContentSource[]
  /** Whether an event of this name may hold content. */
  readonly contentEvents: ReadonlySet<string>
}

const nothing: Meaning = { slots: [], kinds: [], content: [], looksUnread: false }
const unread: Meaning = { ...nothing, looksUnread: true }

/** Names that are worth a look where nothing is read from them. */
const looksLikeColumn = /usage|token|cost|price|(^|[._:])(model|session|tool)([._:]|$)|session_?id/i

/** Attribute names whose meanings are kept; a service has some hundreds. */
const maxKnownNames = 20_000

/**
 * A profile as lookups. After its own sources come those of the generic profile, and then those of all others, for
 * spans mix names: of these only names with a dot, because a bare `model` means something only where it is at home.
 */
export function compileProfile(profile: Profile, generic: Profile, all: readonly Profile[]): CompiledProfile {
  const others = all.filter((each) => each !== profile && each !== generic)
  const builder = new Builder()
  builder.addKinds(profile.kinds ?? [], true)
  if (profile !== generic) builder.addKinds(generic.kinds ?? [], true)
  for (const other of others) builder.addKinds((other.kinds ?? []).filter(isSaidAnywhere), false)
  const own = profile === generic ? noProfile : profile
  const sourcesFor = (column: Column) => [
    ...sourcesOf(own, column),
    ...sourcesOf(generic, column),
    ...others.flatMap((each) => sourcesOf(each, column)).filter(isNamespaced),
  ]
  for (const column of columns) builder.addColumn(column, sourcesFor(column))
  for (const side of ['input', 'output'] as const) {
    builder.addContent(side, [
      ...(profile[side] ?? []),
      ...(profile === generic ? [] : (generic[side] ?? [])),
      ...others.flatMap((each) => each[side] ?? []).filter(isNamespacedContent),
    ])
  }
  builder.ignore([...(profile.ignored ?? []), ...(generic.ignored ?? [])])
  const ownTimes = sourcesOf(own, 'timeToFirstChunkMs').length
  const guessedTimes = sourcesFor('timeToFirstChunkMs').flatMap((source, rank) =>
    rank < ownTimes || hasUnit(source) ? [] : [rank],
  )
  return builder.build(profile, new Set(guessedTimes))
}

const noProfile = { columns: {} }

/** Whether a source says how its value is understood. */
const hasUnit = (source: Source) => typeof source === 'object' && 'as' in source

const sourcesOf = (profile: Pick<Profile, 'columns'>, column: Column): readonly Source[] => {
  const given = profile.columns[column] ?? []
  return Array.isArray(given) ? given : [given as Source]
}

const isNamespaced = (source: Source) =>
  typeof source === 'string' ? /[.:]/.test(source) : 'from' in source && /[.:]/.test(source.from)

const isNamespacedContent = (source: ContentSource) =>
  typeof source === 'string'
    ? /[.:]/.test(source)
    : isGroup(source)
      ? source.every((each) => /[.:]/.test(each))
      : 'numbered' in source

/** That an attribute is there says little elsewhere; what it holds may say it. */
const isSaidAnywhere = (rule: KindRule) => 'attribute' in rule && ('is' in rule || rule.like !== undefined)

export const isGroup = (source: ContentSource): source is readonly string[] => Array.isArray(source)

interface Draft {
  slots: Slot[]
  kinds: KindSlot[]
  content: ContentSlot[]
}

class Builder {
  readonly #exact = new Map<string, Draft>()
  readonly #numbered = new Map<string, Draft>()
  readonly #prefixes: { prefix: string; slot: Omit<Slot, 'collect'> }[] = []
  readonly #ignored: { name: string; isPrefix: boolean }[] = []
  readonly #resource = new Map<string, Slot[]>()
  readonly #events = new Map<string, Map<string, Slot[]>>()
  readonly #nameParts: NamePart[] = []
  readonly #nameKinds: { rank: number; name: RegExp; spanClass: SpanClass }[] = []
  readonly #content = { input: [] as ContentSource[], output: [] as ContentSource[] }
  readonly #contentEvents = new Set<string>()
  #kindRank = 0

  addColumn(column: Column, sources: readonly Source[]): void {
    const known = new Set<string>()
    sources.forEach((source, rank) => {
      const key = JSON.stringify(typeof source === 'object' && 'name' in source ? [String(source.name)] : source)
      if (known.has(key)) return
      known.add(key)
      if (typeof source === 'object' && 'name' in source) {
        this.#nameParts.push({ column: indexOf[column], rank, name: source.name, kinds: source.for })
      } else this.#addSource(column, rank, typeof source === 'string' ? { from: source } : source)
    })
  }

  #addSource(column: Column, rank: number, { from, path, as, of, for: kinds }: AttributeSource): void {
    const type = as ?? columnTypes[column]
    const plain = readers[type]
    const steps = path?.split('.')
    const read: Read = steps === undefined ? plain : (value) => found(atPath(value, steps), plain)
    const slot = { column: indexOf[column], rank, read, isInstant: type === 'instant', kinds }
    if (of === 'resource') push(this.#resource, from, { ...slot, collect: undefined })
    else if (of !== undefined) {
      const ofEvent = this.#events.get(of.event) ?? new Map<string, Slot[]>()
      this.#events.set(of.event, ofEvent)
      push(ofEvent, from, { ...slot, collect: undefined })
    } else if (from.endsWith('*')) this.#prefixes.push({ prefix: from.slice(0, -1), slot })
    else if (from.includes('*')) draft(this.#numbered, from).slots.push({ ...slot, collect: 'list' })
    else draft(this.#exact, from).slots.push({ ...slot, collect: undefined })
  }

  addKinds(rules: readonly KindRule[], withNames: boolean): void {
    for (const rule of rules) {
      const rank = this.#kindRank
      this.#kindRank += 1
      if ('name' in rule) {
        if (withNames) this.#nameKinds.push({ rank, name: rule.name, spanClass: spanClassOf(rule.kind) })
      } else draft(this.#exact, rule.attribute).kinds.push({ rank, read: kindReader(rule) })
    }
  }

  addContent(side: 'input' | 'output', sources: readonly ContentSource[]): void {
    sources.forEach((source, rank) => {
      this.#content[side].push(source)
      if (typeof source === 'string') draft(this.#exact, source).content.push({ side, rank })
      else if (isGroup(source)) {
        source.forEach((name, i) => {
          // The others move along with the first, and are read in any case.
          const meaning = draft(this.#exact, name)
          if (i === 0) meaning.content.push({ side, rank })
        })
      } else if ('numbered' in source) {
        draft(this.#numbered, source.numbered).content.push({ side, rank })
      } else for (const name of source.events) this.#contentEvents.add(name)
    })
  }

  ignore(names: readonly string[]): void {
    for (const name of names) {
      const isPrefix = name.endsWith('*')
      this.#ignored.push({ name: isPrefix ? name.slice(0, -1) : name, isPrefix })
    }
  }

  build(profile: Profile, guessedTimes: ReadonlySet<number>): CompiledProfile {
    const meanings = new Map<string, Meaning>()
    const meaning = (name: string): Meaning => {
      const known = meanings.get(name)
      if (known !== undefined) return known
      const found = this.#resolve(name)
      if (meanings.size < maxKnownNames) meanings.set(name, found)
      return found
    }
    return {
      profile,
      reader: `${profile.name}@${profile.version}`,
      counts: profile.counts,
      guessedTimes,
      meaning,
      nameKinds: this.#nameKinds,
      nameParts: this.#nameParts,
      resource: this.#resource,
      events: this.#events,
      ...this.#content,
      contentEvents: this.#contentEvents,
    }
  }

  /** What an attribute means: by its whole name, by its name with numbers left open, by how it begins. */
  #resolve(name: string): Meaning {
    const exact = this.#exact.get(name)
    if (exact !== undefined) return { ...exact, looksUnread: false }
    const numbered = this.#resolveNumbered(name)
    if (numbered !== undefined) return numbered
    const slots: Slot[] = this.#prefixes
      .filter(({ prefix }) => name.length > prefix.length && name.startsWith(prefix))
      .map(({ prefix, slot }) => ({ ...slot, read: (value) => value, collect: { member: name.slice(prefix.length) } }))
    if (slots.length > 0) return { ...nothing, slots }
    const isIgnored = this.#ignored.some((each) => (each.isPrefix ? name.startsWith(each.name) : name === each.name))
    return !isIgnored && looksLikeColumn.test(name) ? unread : nothing
  }

  #resolveNumbered(name: string): Meaning | undefined {
    const first = /\.\d+(\.|$)/.exec(name)
    if (first === null) return undefined
    const open = this.#numbered.get(name.replace(/\.\d+(?=\.|$)/g, '.*'))
    const content = this.#numbered.get(name.slice(0, first.index))
    if (open === undefined && content === undefined) return undefined
    return { slots: open?.slots ?? [], kinds: [], content: content?.content ?? [], looksUnread: false }
  }
}

function found(value: Parameters<Read>[0] | undefined, read: Read): unknown {
  return value === undefined || value === null ? null : read(value)
}

function kindReader(rule: Exclude<KindRule, { name: RegExp }>): KindSlot['read'] {
  if ('is' in rule) {
    const classes = new Map(Object.entries(rule.is).map(([value, kind]) => [value.toLowerCase(), spanClassOf(kind)]))
    return (value) => {
      const text = typeof value === 'string' ? readText(value) : null
      return text === null ? undefined : classes.get(text.toLowerCase())
    }
  }
  const spanClass = { ...spanClassOf(rule.kind), ...(rule.repeatsUsage && { repeatsUsage: true }) }
  const { like } = rule
  return (value) => {
    if (like === undefined) return value === '' ? undefined : spanClass
    return typeof value === 'string' && like.test(value) ? spanClass : undefined
  }
}

function draft(into: Map<string, Draft>, name: string): Draft {
  const known = into.get(name)
  if (known !== undefined) return known
  const made: Draft = { slots: [], kinds: [], content: [] }
  into.set(name, made)
  return made
}

function push(into: Map<string, Slot[]>, name: string, slot: Slot): void {
  const known = into.get(name)
  if (known === undefined) into.set(name, [slot])
  else known.push(slot)
}
