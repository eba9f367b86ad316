/** The search that words on the command line ask for; undefined without words. */
export const searchOf = (words: readonly string[]): string | undefined =>
  words.length > 0 ? words.map(quotedIfSpaced).join(' ') : undefined

/** What the shell gives as one argument is one phrase, unless it has quotes of its own. */
const quotedIfSpaced = (word: string) => (/\s/.test(word) && !word.includes('"') ? phrase(word) : word)

const phrase = (word: string) => (word.startsWith('-') ? `-"${word.slice(1)}"` : `"${word}"`)
