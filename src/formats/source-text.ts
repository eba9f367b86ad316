/**
 * The text that a document was parsed from, for formats that keep a document exactly: parsing forgets how numbers were
 * written.
 */
const texts = new WeakMap<object, string>()

/** Remembers the text of a document, as long as the document lives. */
export function rememberText(document: unknown, text: string): void {
  if (typeof document === 'object' && document !== null) texts.set(document, text)
}

/** The text that a document was parsed from, where it is known. */
export const sourceTextOf = (document: object): string | undefined => texts.get(document)
