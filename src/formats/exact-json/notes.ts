/**
 * How numbers were written in their document, where JavaScript loses it: `1.0` becomes `1`. A note belongs to the object
 * or list that holds the number and is kept outside of it, so that the document is plain data. It is valid while the
 * number is unchanged.
 */
const notes = new WeakMap<object, Map<string | number, { readonly value: unknown; readonly text: string }>>()

/** Notes how a member or an item was written. */
export function note(holder: object, key: string | number, value: unknown, text: string): void {
  const known = notes.get(holder)
  if (known) known.set(key, { value, text })
  else notes.set(holder, new Map([[key, { value, text }]]))
}

/** How a member or an item was written, if it is still the same. */
export function notedText(holder: object, key: string | number, value: unknown): string | undefined {
  const found = notes.get(holder)?.get(key)
  return found !== undefined && Object.is(found.value, value) ? found.text : undefined
}
