import { endOfString } from '../text/end-of-string.ts'

/** The state after a line: the value continues, is complete, or cannot be JSON. */
export type Outcome = 'open' | 'complete' | 'broken'

/** What may come next. */
type Expected = 'value' | 'value or ]' | 'key' | 'key or }' | ':' | ', or end' | 'nothing'

/**
 * Follows JSON text line by line without keeping it, and finds out whether it can still become a value. Strings, numbers and
 * literals never span lines, so between two lines only the open brackets and what may come next matter. The
 * parser checks numbers and literals.
 */
export class JsonOutline {
  /** Where in the last line a top-level list begins, separates its items and ends. */
  readonly cuts: number[] = []
  /** Whether the value is a list. */
  isList = false
  #open: ('{' | '[')[] = []
  #expected: Expected = 'value'

  /** Takes the next line of the text. */
  add(line: string): Outcome {
    this.cuts.length = 0
    for (let at = 0; at < line.length; ) {
      const mark = line.charAt(at)
      if (mark === ' ' || mark === '\t' || mark === '\r') {
        at += 1
      } else if ('{}[],:'.includes(mark)) {
        if (!this.#mark(mark)) return 'broken'
        if (this.#separatesItems(mark)) this.cuts.push(at)
        at += 1
      } else {
        const end = mark === '"' ? endOfString(line, at) : endOfScalar(line, at)
        if (end < 0 || !this.#scalar(mark === '"')) return 'broken'
        at = end
      }
    }
    return this.#expected === 'nothing' ? 'complete' : 'open'
  }

  #scalar(isString: boolean): boolean {
    if (isString && this.#expected.startsWith('key')) {
      this.#expected = ':'
      return true
    }
    if (!this.#expected.startsWith('value')) return false
    this.#valueEnds()
    return true
  }

  #mark(mark: string): boolean {
    switch (mark) {
      case '{':
      case '[':
        if (!this.#expected.startsWith('value')) return false
        if (mark === '[' && this.#open.length === 0) this.isList = true
        this.#open.push(mark)
        this.#expected = mark === '{' ? 'key or }' : 'value or ]'
        return true
      case '}':
      case ']': {
        const opened = this.#open.pop()
        if (opened !== (mark === '}' ? '{' : '[')) return false
        if (this.#expected !== ', or end' && !this.#expected.endsWith(mark)) return false
        this.#valueEnds()
        return true
      }
      case ',':
        if (this.#expected !== ', or end') return false
        this.#expected = this.#open.at(-1) === '{' ? 'key' : 'value'
        return true
      default:
        if (this.#expected !== ':') return false
        this.#expected = 'value'
        return true
    }
  }

  #valueEnds(): void {
    this.#expected = this.#open.length === 0 ? 'nothing' : ', or end'
  }

  #separatesItems(mark: string): boolean {
    if (!this.isList) return false
    if (mark === ']') return this.#open.length === 0
    return this.#open.length === 1 && (mark === ',' || (mark === '[' && this.#expected === 'value or ]'))
  }
}

function endOfScalar(line: string, start: number): number {
  let end = start + 1
  while (end < line.length && !' \t\r{}[],:"'.includes(line.charAt(end))) end += 1
  return end
}
