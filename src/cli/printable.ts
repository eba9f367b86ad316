// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not reach a terminal.
const hostile = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]+/g

/**
 * Text of a trace for a terminal, on one line. Anyone may have written the text, and control characters could move the
 * cursor, change colours or reverse the direction of writing.
 */
export const printable = (text: string): string => text.replace(hostile, ' ').trim()
