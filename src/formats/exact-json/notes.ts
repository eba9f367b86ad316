/**
 * How numbers were written in the document that they were read from, where JavaScript cannot tell: `1.0` is `1` once it
 * is read. A note hangs on the object or list that holds the number, outside of it, so that the document is plain data;
 * it is good as long as the number stays what it was.
 */
const notes = new WeakMap<object, Map<string | number, { readonly value: unknown; readonly text: string }>>()

/** Remembers how a member or an item was written. */
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
