import type { AttributeTypes } from '../../../schema/values.ts'

/** Notes on values, without those on the values at some pointers and inside them; null where none is left. */
export function withoutNotes(
  notes: AttributeTypes | null | undefined,
  pointers: readonly string[],
): AttributeTypes | null {
  if (notes === null || notes === undefined) return null
  if (pointers.length === 0) return notes
  const isGone = (pointer: string) => pointers.some((gone) => pointer === gone || pointer.startsWith(`${gone}/`))
  const kept = Object.entries(notes).filter(([pointer]) => !isGone(pointer))
  return kept.length > 0 ? Object.fromEntries(kept) : null
}
