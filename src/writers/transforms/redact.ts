import type { AttributeTypes } from '../../../schema/values.ts'
import { ConfigError } from '../../errors.ts'
import { columnSpecs, type Entity, forEachEntity } from '../../rows/accepted-row.ts'
import { withoutNotes } from './notes.ts'
import { type RedactionRules, ValueRedaction } from './redact-value.ts'
import type { AnyRecord, Transform } from './transform.ts'

/** What is replaced before a record is stored, and by what. */
export interface RedactOptions {
  /**
   * Names whose values are replaced whole, in attributes, resources, links, metadata and content, at any depth, also in
   * JSON that is kept as text: a text is the whole name or its last part (`password` is `user.password` too, in any
   * case), an expression is searched in the name. Columns that repeat such a value are replaced with it. @default none
   */
  keys?: readonly (string | RegExp)[] | undefined
  /** What is replaced wherever it stands in a text, a name or a number: a text, or an expression. @default none */
  patterns?: readonly (string | RegExp)[] | undefined
  /** What stands in its place. @default '[redacted]' */
  replacement?: string | undefined
}

/** Columns that tie rows together; redaction leaves them alone, like enums and numbers. */
const structural: ReadonlySet<string> = new Set([
  'projectId',
  'traceId',
  'spanId',
  'parentSpanId',
  'resultId',
  'pointId',
  'logId',
  'descriptionId',
  'exactValue',
  'reader',
  'document',
])

/** JSON columns of fixed words and numbers. */
const fixed: ReadonlySet<string> = new Set(['contentKeys', 'attributeTypes', 'dropped', 'buckets', 'quantiles'])

/** Attributes come first: columns repeat them. */
const firstAttributes = (a: string, b: string) => Number(b === 'attributes') - Number(a === 'attributes')

const columns = forEachEntity((entity) => {
  const specs = columnSpecs[entity].filter(({ key }) => !structural.has(key) && !fixed.has(key))
  return {
    texts: specs.filter(({ type, values }) => type === 'text' && values === undefined).map(({ key }) => key),
    documents: specs.flatMap(({ type, key }) => (type === 'json' ? [key] : [])).sort(firstAttributes),
  }
})

/**
 * Replaces secrets in every text of a record: attributes, events, links, resource, content, names, messages, log bodies.
 * Ids that tie rows together stay. A document that a trace store saved is left out, since its text is kept whole; the
 * rows are stored.
 *
 * @throws ConfigError where neither keys nor patterns are given
 *
 * @example
 * const transform = redact({ keys: ['password', 'authorization'], patterns: [/sk-[A-Za-z0-9]{20,}/] })
 */
export function redact({ keys = [], patterns = [], replacement = '[redacted]' }: RedactOptions): Transform {
  if (keys.length + patterns.length === 0) throw new ConfigError('redact: keys or patterns must say what to replace.')
  const expressions = patterns.map((pattern) => everywhere(pattern))
  const rules: RedactionRules = {
    isKey: keyTest(keys),
    // A function, since `$` means something in a text.
    clean: (text) => expressions.reduce((clean, expression) => clean.replace(expression, () => replacement), text),
    replacement,
  }
  return (record, table) => redacted(record as AnyRecord & Readonly<Record<string, unknown>>, table, rules)
}

function redacted(record: AnyRecord & Readonly<Record<string, unknown>>, table: Entity, rules: RedactionRules) {
  const types = record.attributeTypes as AttributeTypes | null | undefined
  const values = new ValueRedaction(rules, types)
  const changes: Record<string, unknown> = {}
  const keep = (key: string, value: unknown) => {
    if (value !== record[key]) changes[key] = value
  }
  for (const [key, names] of Object.entries((record.contentKeys as object | null | undefined) ?? {})) {
    if (key === 'composed') continue
    // Content was among the attributes, under a name that may be a key.
    const of = [names].flat() as string[]
    if (of.some((name) => rules.isKey(name))) {
      keep(key, values.whole(record[key]))
      values.changed.push(`/${key}`)
    }
  }
  for (const key of columns[table].documents) {
    const value = record[key]
    if (value === undefined || value === null || key in changes) continue
    keep(
      key,
      key === 'links' || key === 'exemplars' ? attributesOnly(value, key, values) : values.value(value, `/${key}`),
    )
  }
  for (const key of columns[table].texts) {
    const value = record[key]
    if (typeof value === 'string') keep(key, rules.isKey(key) ? values.whole(value) : values.text(value))
  }
  if (typeof record.document === 'string') changes.document = null
  if (Object.keys(changes).length === 0) return record
  if (types) changes.attributeTypes = withoutNotes(types, values.changed)
  return { ...record, ...changes } as AnyRecord
}

/** Links and exemplars have ids and times beside their attributes. */
function attributesOnly(list: unknown, column: string, values: ValueRedaction): unknown {
  if (!Array.isArray(list)) return list
  const clean = list.map((item: unknown, i) => {
    if (typeof item !== 'object' || item === null || !('attributes' in item)) return item
    const attributes = values.value(item.attributes, `/${column}/${i}/attributes`)
    return attributes === item.attributes ? item : { ...item, attributes }
  })
  return clean.some((item, i) => item !== list[i]) ? clean : list
}

/** An expression that finds all matches, wherever they stand. */
function everywhere(pattern: string | RegExp): RegExp {
  if (typeof pattern === 'string') return new RegExp(pattern.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`), 'g')
  return new RegExp(pattern.source, [...new Set(`${pattern.flags.replace('y', '')}g`)].join(''))
}

function keyTest(keys: readonly (string | RegExp)[]): RedactionRules['isKey'] {
  const names = new Set(keys.filter((key) => typeof key === 'string').map((key) => key.toLowerCase()))
  const expressions = keys
    .filter((key) => key instanceof RegExp)
    .map((key) => new RegExp(key.source, key.flags.replaceAll(/[gy]/g, '')))
  const answers = new Map<string, boolean>()
  const ask = (name: string) => {
    const lower = name.toLowerCase()
    return (
      names.has(lower) ||
      names.has(lower.slice(lower.lastIndexOf('.') + 1)) ||
      expressions.some((expression) => expression.test(name))
    )
  }
  return (name) => {
    let answer = answers.get(name)
    if (answer === undefined) {
      answer = ask(name)
      // Names repeat in every record; those of users may be many.
      if (answers.size < mostAnswers) answers.set(name, answer)
    }
    return answer
  }
}

const mostAnswers = 10_000
