/** How much of a text is searched, in characters. */
export const maxSearchedLength = 65_536

const words = /[\p{L}\p{N}\p{M}]+/gu

/**
 * A character of a script that is written without spaces, with its marks: Chinese, Japanese, Thai, Lao, Khmer, Burmese
 * and Tibetan; and of Korean, whose particles follow their words without one.
 */
const unspaced =
  /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}\p{scx=Tibetan}]\p{M}*/gu

/**
 * The words of a text as they are searched, here and by no engine, whose languages differ: letters in small, one form of
 * each character (NFKC), and of scripts without spaces each character is a word. A part of such a text is then a phrase.
 */
export function searchedWords(text: string): string[] {
  const folded = text.normalize('NFKC').toLowerCase().replaceAll('ς', 'σ')
  return (folded.match(words) ?? []).flatMap((word) => (isAscii(word) ? word : wordsOf(word)))
}

const wordsOf = (word: string) => word.replaceAll(unspaced, ' $& ').split(' ').filter(Boolean)

/** Of ASCII all engines know the words and the capitals alike. */
export const isAscii = (text: string): boolean => !/[^\0-\x7f]/.test(text)

/** What is searched of a text that is not all ASCII: its words, with a space between them; null of other texts. */
export function searchTextOf(text: string): string | null {
  const searched = text.slice(0, maxSearchedLength)
  return isAscii(searched) ? null : searchedWords(searched).join(' ').slice(0, maxSearchedLength)
}
