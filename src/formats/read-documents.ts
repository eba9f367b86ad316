import { constants } from 'node:buffer'
import { FormatError } from '../errors.ts'
import { readExact } from './exact-json/read.ts'
import { JsonOutline } from './json-outline.ts'
import { type Line, readLines } from './read-lines.ts'

/** A JSON value with its text and the line on which it begins, or what is wrong there. */
export type ReadDocument =
  | { readonly line: number; readonly document: unknown; readonly text: string; readonly error?: undefined }
  | { readonly line: number; readonly error: FormatError; readonly document?: undefined; readonly text?: undefined }

/** How documents are read. */
export interface ReadDocumentsOptions {
  /**
   * Characters that one line, or one value over several lines, may have; a longer one is an error.
   * @default the longest string of the JavaScript engine (about 537 million)
   */
  readonly maxLength?: number
}

/**
 * The JSON values of a text: one per line (JSON Lines), or values written over several lines. Of a list come its items.
 * JSON Lines and lists are read in the memory of one line or item, whatever their length.
 *
 * The first value decides: if it continues beyond its line, the text has values over several lines, else it is JSON
 * Lines. A broken line of JSON Lines is an error, and the next lines are read; an error inside a value over several
 * lines ends the reading.
 */
export async function* readDocuments(
  source: AsyncIterable<Uint8Array | string>,
  options: ReadDocumentsOptions = {},
): AsyncGenerator<ReadDocument> {
  const longest = options.maxLength ?? constants.MAX_STRING_LENGTH
  const reader = new DocumentReader(longest)
  for await (const lines of readLines(source, longest)) {
    for (const line of lines) {
      // Not yield*, which would await once per line, also where a line completes nothing.
      for (const found of reader.add(line)) yield found
      if (reader.ended) return
    }
  }
  yield* reader.end()
}

interface TextLine extends Line {
  readonly text: string
}

/**
 * Turns lines into values. The first value decides its form: JSON Lines, where every line is by itself, or values that
 * may go on over several lines, and then `#outline` follows the one that is open. An error inside such a value ends it.
 */
class DocumentReader {
  ended = false
  #form: 'undecided' | 'lines' | 'values' = 'undecided'
  #outline: JsonOutline | null = null
  /** The lines of the value so far, until an item of it was passed on. */
  #held: TextLine[] = []
  #passedOn = false
  /** The value's first line. */
  #start = 0
  /** The text of the list's item so far, and its first line. */
  #item = ''
  #itemLine = 0
  /** Characters that are kept of the value or the item so far. */
  #kept = 0
  readonly #longest: number

  constructor(longest: number) {
    this.#longest = longest
  }

  *add({ number, text }: Line): Generator<ReadDocument> {
    this.#kept += (text?.length ?? 0) + 1
    if (text === undefined || (this.#outline !== null && this.#kept > this.#longest)) {
      this.ended = this.#outline !== null
      yield { line: number, error: new FormatError(`Line ${number} makes its JSON too long to be read`) }
      return
    }
    if (!/\S/.test(text)) return
    if (this.#outline !== null) yield* this.#goOn({ number, text }, this.#outline)
    else if (this.#form === 'lines') yield* readLine({ number, text })
    else yield* this.#begin({ number, text })
  }

  *end(): Generator<ReadDocument> {
    if (this.#outline === null) return
    const last = this.#held.pop()
    if (last && this.#held.length > 0 && standsAlone(last.text)) yield* this.#replay(last)
    else yield { line: this.#start, error: new FormatError(`The JSON that begins on line ${this.#start} does not end`) }
  }

  *#begin(line: TextLine): Generator<ReadDocument> {
    const goesOn = parse(line.text) === undefined && new JsonOutline().add(line.text) === 'open'
    if (this.#form === 'undecided') this.#form = goesOn ? 'values' : 'lines'
    if (!goesOn) {
      yield* readLine(line)
      return
    }
    this.#outline = new JsonOutline()
    this.#held = []
    this.#passedOn = false
    this.#start = line.number
    this.#kept = line.text.length
    yield* this.#goOn(line, this.#outline)
  }

  *#goOn(line: TextLine, outline: JsonOutline): Generator<ReadDocument> {
    const outcome = outline.add(line.text)
    if (outcome === 'broken') {
      yield* this.#breakOff(line)
      return
    }
    if (!this.#passedOn) this.#held.push(line)
    if (outline.isList) yield* this.#items(line, outline.cuts)
    if (outcome === 'open') return
    if (!outline.isList) yield toDocument(this.#held.map((each) => each.text).join('\n'), this.#start)
    this.#outline = null
    this.#held = []
  }

  *#items({ number, text }: TextLine, cuts: readonly number[]): Generator<ReadDocument> {
    let from = 0
    for (const cut of cuts) {
      this.#extendItem(text.slice(from, cut), number)
      from = cut + 1
      if (this.#item === '') continue
      yield toDocument(this.#item, this.#itemLine)
      this.#item = ''
      this.#passedOn = true
      this.#held = []
      this.#kept = text.length - from
    }
    this.#extendItem(text.slice(from), number)
  }

  #extendItem(text: string, line: number): void {
    if (this.#item === '') {
      if (!/\S/.test(text)) return
      this.#itemLine = line
    }
    this.#item += `${text}\n`
  }

  /** The value cannot continue with this line: its first line was broken JSON Lines, or it is broken here. */
  *#breakOff(line: TextLine): Generator<ReadDocument> {
    if (!this.#passedOn && standsAlone(line.text)) {
      yield* this.#replay(line)
      return
    }
    this.ended = true
    const message = `Line ${line.number} breaks the JSON that begins on line ${this.#start}; nothing after it was read`
    yield { line: line.number, error: new FormatError(message) }
  }

  *#replay(last: TextLine): Generator<ReadDocument> {
    const lines = [...this.#held, last]
    this.#held = []
    this.#outline = null
    this.#form = 'lines'
    for (const line of lines) yield* readLine(line)
  }
}

/** The value of a line of JSON Lines, or its items. */
function* readLine({ number, text }: TextLine): Generator<ReadDocument> {
  const found = toDocument(text, number)
  if (found.error === undefined && Array.isArray(found.document)) {
    const outline = new JsonOutline()
    outline.add(text)
    for (const [i, document] of found.document.entries()) {
      yield { line: number, document, text: text.slice((outline.cuts[i] ?? 0) + 1, outline.cuts[i + 1]) }
    }
  } else {
    yield found
  }
}

function toDocument(text: string, line: number): ReadDocument {
  const parsed = parse(text)
  if (parsed) return { line, document: parsed.value, text }
  // Without the parser's own message, which quotes the text.
  return { line, error: new FormatError(`Line ${line} is not valid JSON`) }
}

function parse(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return parseOfPython(text)
  }
}

/** Python writes `NaN` and `Infinity`, which JSON does not have. */
function parseOfPython(text: string): { value: unknown } | undefined {
  if (!/[:,[]\s*-?(?:NaN|Infinity)/.test(text)) return undefined
  try {
    return { value: readExact(text) }
  } catch {
    return undefined
  }
}

/** Whether a line is a JSON object or list by itself, as the lines of JSON Lines are. */
function standsAlone(text: string): boolean {
  const value = parse(text)?.value
  return typeof value === 'object' && value !== null
}
