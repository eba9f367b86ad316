import type { Json, JsonObject } from '../../../schema/values.ts'
import { setMember } from '../otlp/read-value.ts'

type Branch = { [key: string]: Json | Branch }

/**
 * The list that attributes with numbered names spell: `gen_ai.prompt.0.role` and `gen_ai.prompt.0.content` are
 * `[{ role, content }]`. OpenInference wraps each item in its type (`message`, `document`), which is taken off.
 */
export function numberedList(attributes: JsonObject, prefix: string): Json[] {
  const start = `${prefix}.`
  const root: Branch = {}
  for (const name of Object.keys(attributes)) {
    if (!name.startsWith(start)) continue
    const value = attributes[name]
    if (value !== undefined && value !== null) insert(root, name.slice(start.length).split('.'), value)
  }
  const list = unfold(root)
  return Array.isArray(list) ? list : Object.keys(root).length > 0 ? [list] : []
}

/** Names nest no deeper than this; the rest of a longer one is one name. */
const deepest = 12

function insert(root: Branch, steps: readonly string[], value: Json): void {
  let at = root
  const last = Math.min(steps.length, deepest) - 1
  for (let i = 0; i < last; i += 1) {
    const step = steps[i] as string
    const next = Object.hasOwn(at, step) ? at[step] : undefined
    if (typeof next === 'object' && next !== null && !Array.isArray(next)) at = next as Branch
    else {
      const made: Branch = {}
      setMember(at as Record<string, Json>, step, made as Json)
      at = made
    }
  }
  setMember(at as Record<string, Json>, steps.slice(last).join('.'), value)
}

/** OpenInference's names for the type of an item. */
const wrappers: ReadonlySet<string> = new Set([
  'message',
  'message_content',
  'tool_call',
  'document',
  'embedding',
  'prompt',
  'completion',
])

function unfold(value: Json | Branch): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value as Json
  const names = Object.keys(value)
  const child = (name: string) => unfold((value as Branch)[name] as Json | Branch)
  if (names.length > 0 && names.every((name) => /^\d+$/.test(name))) {
    return names.toSorted((a, b) => Number(a) - Number(b)).map((name) => unwrapped(child(name)))
  }
  const object: Record<string, Json> = {}
  for (const name of names) setMember(object, name, child(name))
  return object
}

function unwrapped(value: Json): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const [name, ...more] = Object.keys(value)
  const inner = name !== undefined && more.length === 0 && wrappers.has(name) ? (value as JsonObject)[name] : undefined
  return inner ?? value
}
