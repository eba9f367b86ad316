/** Node's own UTF-8 writer: a third faster than `write(text, at, 'utf8')`, and missing from its types. */
export interface FastBuffer extends Buffer {
  utf8Write(text: string, offset: number): number
}
