import { FormatError } from '../../errors.ts'
import { endOfString } from '../../text/end-of-string.ts'
import { note } from './notes.ts'
import { pythonNumber } from './python-number.ts'

/**
 * Numbers that JavaScript reads as another number or writes in another way, and Python's `NaN` and `Infinity`. It also
 * matches inside strings, which only costs time.
 */
const awkward =
  /(?:^|[\s:,[])(?:-?(?:\d{16}|\d+\.\d*0(?!\d)|\d+\.\d{17}|\d+(?:\.\d+)?[eE]|NaN|Infinity)|-0(?:[,}\]\s]|$))/

const constants: Readonly<Record<string, unknown>> = {
  true: true,
  false: false,
  null: null,
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
}

/**
 * Reads JSON, and remembers how its numbers were written, so that `writeExact` writes them alike. An integer that a
 * float does not hold exactly becomes a bigint. `NaN` and `Infinity`, which Python writes, are read as well.
 *
 * @param floats members that hold a float in Python: an integer there is remembered as one
 * @throws FormatError when the text is no JSON
 */
export function readExact(text: string, floats: RegExp = never): unknown {
  try {
    if (!awkward.test(text) && !floats.test(text)) return JSON.parse(text)
    return new Reader(text).document()
  } catch (error) {
    // Without the parser's own message, which quotes the text.
    if (error instanceof SyntaxError) throw new FormatError('The text is not valid JSON')
    if (error instanceof RangeError) throw new FormatError('The JSON is nested too deeply')
    throw error
  }
}

const never = /(?!)/

const space = /[\x20\t\r\n]*/y
const scalar = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|-?Infinity|NaN|true|false|null/y

class Reader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  document(): unknown {
    const holder: unknown[] = []
    this.#value(holder, 0)
    this.#skip()
    if (this.#at < this.#text.length) throw new SyntaxError()
    return holder[0]
  }

  #value(holder: object, key: string | number): void {
    this.#skip()
    const mark = this.#text[this.#at]
    if (mark === '{') put(holder, key, this.#object())
    else if (mark === '[') put(holder, key, this.#list())
    else if (mark === '"') put(holder, key, this.#string())
    else this.#scalar(holder, key)
  }

  #object(): object {
    const object = {}
    this.#members('}', () => {
      this.#skip()
      const key = this.#string()
      this.#skip()
      this.#take(':')
      this.#value(object, key)
    })
    return object
  }

  #list(): unknown[] {
    const list: unknown[] = []
    this.#members(']', () => this.#value(list, list.length))
    return list
  }

  #members(end: string, read: () => void): void {
    this.#at += 1
    this.#skip()
    if (this.#text[this.#at] === end) {
      this.#at += 1
      return
    }
    for (;;) {
      read()
      this.#skip()
      if (this.#text[this.#at] === end) break
      this.#take(',')
    }
    this.#at += 1
  }

  #scalar(holder: object, key: string | number): void {
    const text = this.#match(scalar)
    if (Object.hasOwn(constants, text)) {
      put(holder, key, constants[text])
      if (!/^[tfn]/.test(text)) note(holder, key, constants[text], text)
      return
    }
    const number = Number(text)
    const isInteger = /^-?\d+$/.test(text)
    const value = isInteger && !Number.isSafeInteger(number) ? BigInt(text) : number
    put(holder, key, value)
    // An integer could be taken for a float where one is expected.
    if (isInteger || pythonNumber(number, false) !== text) note(holder, key, value, text)
  }

  #string(): string {
    const end = this.#text[this.#at] === '"' ? endOfString(this.#text, this.#at) : -1
    if (end < 0) throw new SyntaxError()
    const text = this.#text.slice(this.#at, end)
    this.#at = end
    // The JavaScript engine checks escapes and control characters.
    return JSON.parse(text)
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)?.[0]
    if (!found) throw new SyntaxError()
    this.#at += found.length
    return found
  }

  #skip(): void {
    space.lastIndex = this.#at
    space.test(this.#text)
    this.#at = space.lastIndex
  }

  #take(mark: string): void {
    if (this.#text[this.#at] !== mark) throw new SyntaxError()
    this.#at += 1
  }
}

/** Sets a member of any name, `__proto__` included. */
function put(holder: object, key: string | number, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(holder, key, { value, writable: true, enumerable: true, configurable: true })
  } else {
    ;(holder as Record<string | number, unknown>)[key] = value
  }
}
