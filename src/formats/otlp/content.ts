import type { AttributeTypes, ContentKeys, Json, JsonObject } from '../../../schema/values.ts'
import type { FoundContent } from './profiles/content.ts'
import { setMember } from './read-value.ts'
import { movedNotes } from './type-notes.ts'

/** A span's attributes and the content that was among them. */
export interface Content {
  readonly input: Json
  readonly output: Json
  /** Which attributes moved to `input` and `output`. */
  readonly contentKeys: ContentKeys | null
  readonly attributes: JsonObject
  readonly types: AttributeTypes | null
}

/**
 * Moves what went in and came out of a span from its attributes to `input` and `output`, unchanged: one attribute is
 * the column, several are the list of their values. What was put together of numbered attributes or of events stays
 * among these as well.
 */
export function moveContent(
  attributes: JsonObject,
  types: AttributeTypes | null,
  input: FoundContent | undefined,
  output: FoundContent | undefined,
): Content {
  if (input === undefined && output === undefined) {
    return { input: null, output: null, contentKeys: null, attributes, types }
  }
  const ins = input?.names ?? []
  // A name that both sides know moves once.
  const outs = (output?.names ?? []).filter((name) => !ins.includes(name))
  const composed = [
    ...(input?.value === undefined ? [] : (['input'] as const)),
    ...(output?.value === undefined ? [] : (['output'] as const)),
  ]
  let moved = notesMoved(types, ins, '/input')
  moved = notesMoved(moved, outs, '/output')
  return {
    input: input?.value ?? contentValue(attributes, ins),
    output: output?.value ?? contentValue(attributes, outs),
    contentKeys: {
      ...(ins.length > 0 && { input: keyOf(ins) }),
      ...(outs.length > 0 && { output: keyOf(outs) }),
      ...(composed.length > 0 && { composed }),
    },
    attributes: ins.length + outs.length === 0 ? attributes : without(attributes, ins, outs),
    types: moved,
  }
}

const keyOf = (names: readonly string[]) => (names.length === 1 ? (names[0] as string) : names)

function contentValue(attributes: JsonObject, names: readonly string[]): Json {
  const [name] = names
  if (name === undefined) return null
  return names.length === 1 ? (attributes[name] as Json) : names.map((each) => attributes[each] as Json)
}

function without(attributes: JsonObject, ins: readonly string[], outs: readonly string[]): JsonObject {
  const rest: Record<string, Json> = {}
  for (const key of Object.keys(attributes)) {
    if (!ins.includes(key) && !outs.includes(key)) setMember(rest, key, attributes[key] as Json)
  }
  return rest
}

function notesMoved(types: AttributeTypes | null, names: readonly string[], to: string): AttributeTypes | null {
  if (types === null) return null
  const [first, ...more] = names
  if (first === undefined) return types
  if (more.length === 0) return movedNotes(types, `/attributes/${first}`, to)
  return names.reduce<AttributeTypes | null>(
    (notes, name, i) => movedNotes(notes, `/attributes/${name}`, `${to}/${i}`),
    types,
  )
}
