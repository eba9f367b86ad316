// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not reach a terminal.
const hostile = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]+/g

/**
 * Text of a trace as a terminal may show it, on one line. Anyone may have written it, and control characters would let
 * it move the cursor, change colours or turn the direction of writing.
 */
export const printable = (text: string): string => text.replace(hostile, ' ').trim()
