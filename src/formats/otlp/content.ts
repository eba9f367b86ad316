import type { AttributeTypes, ContentKeys, Json, JsonObject } from '../../../schema/values.ts'
import { inputNames, outputNames } from './names.ts'
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
 * Moves what went in and came out of a span from its attributes to `input` and `output`, unchanged. Of several
 * attributes for one column the first in order of preference moves and the others stay; one without content stays.
 */
export function moveContent(attributes: JsonObject, types: AttributeTypes | null): Content {
  const inputKey = present(attributes, inputNames)
  const outputKey = present(attributes, outputNames)
  if (inputKey === undefined && outputKey === undefined) {
    return { input: null, output: null, contentKeys: null, attributes, types }
  }
  const rest: Record<string, Json> = {}
  for (const key of Object.keys(attributes)) {
    if (key !== inputKey && key !== outputKey) setMember(rest, key, attributes[key] as Json)
  }
  let moved = types
  if (inputKey !== undefined) moved = movedNotes(moved, `/attributes/${inputKey}`, '/input')
  if (outputKey !== undefined) moved = movedNotes(moved, `/attributes/${outputKey}`, '/output')
  return {
    input: inputKey === undefined ? null : (attributes[inputKey] as Json),
    output: outputKey === undefined ? null : (attributes[outputKey] as Json),
    contentKeys: { ...(inputKey && { input: inputKey }), ...(outputKey && { output: outputKey }) },
    attributes: rest,
    types: moved,
  }
}

function present(attributes: JsonObject, names: readonly string[]): string | undefined {
  return names.find((name) => {
    const value = attributes[name]
    return value !== undefined && value !== null && value !== ''
  })
}
