import stringWidth from 'string-width'

const ascii = /^[\x20-\x7e]*$/

/** Created when a text is cut first: loading its data would delay the start of every command. */
let graphemes: Intl.Segmenter | undefined

/** Columns that a text takes on a terminal: two for a Chinese character, none for an accent. */
export const widthOf = (text: string): number => (ascii.test(text) ? text.length : stringWidth(text))

/** A text without colours, cut with an ellipsis or filled with spaces to be `width` columns wide. */
export function toWidth(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const actual = widthOf(text)
  if (actual > width) return toWidth(cut(text, width), width, align)
  const space = ' '.repeat(width - actual)
  return align === 'left' ? text + space : space + text
}

/** A text cut with an ellipsis where it is wider than `width`. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  graphemes ??= new Intl.Segmenter()
  let kept = ''
  let left = width - 1
  for (const { segment } of graphemes.segment(text)) {
    left -= widthOf(segment)
    if (left < 0) break
    kept += segment
  }
  return width > 0 ? `${kept}…` : ''
}
