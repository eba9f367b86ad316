import { StringDecoder } from 'node:string_decoder'
import { FormatError } from '../errors.ts'

/** A line of a text, counted from 1. Its text is undefined where it is longer than allowed. */
export interface Line {
  readonly number: number
  readonly text: string | undefined
}

/** A line this many times longer than allowed is no line of a text: what has none would be read for hours. */
const endlessTimes = 4

/**
 * The lines of a UTF-8 text that comes in pieces, without their line feeds, as many at a time as a piece ends; a byte
 * order mark is dropped. No more than one line and one piece are in memory.
 *
 * @param longest characters that a line may have; a longer one is passed without its text
 * @throws FormatError when a line has four times as many, and no end yet
 */
export async function* readLines(source: AsyncIterable<Uint8Array | string>, longest: number): AsyncGenerator<Line[]> {
  const decoder = new StringDecoder('utf8')
  let parts: string[] = []
  let length = 0
  let number = 0
  const hold = (part: string) => {
    length += part.length
    if (length > longest * endlessTimes) {
      throw new FormatError(`Line ${number + 1} does not end within ${length} characters: it was not read on`)
    }
    if (length > longest) parts = []
    else parts.push(part)
  }
  const release = (): Line => {
    number += 1
    const text = length > longest ? undefined : parts.join('')
    parts = []
    length = 0
    return { number, text: number === 1 && text?.startsWith('\ufeff') ? text.slice(1) : text }
  }
  for await (const chunk of source) {
    const text = typeof chunk === 'string' ? chunk : decoder.write(chunk)
    const lines: Line[] = []
    let start = 0
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      hold(text.slice(start, end))
      lines.push(release())
      start = end + 1
    }
    if (start < text.length) hold(text.slice(start))
    if (lines.length > 0) yield lines
  }
  hold(decoder.end())
  if (length > 0) yield [release()]
}
