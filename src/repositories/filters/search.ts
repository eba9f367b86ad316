import type { Phrase, TextSearch } from '../../engines/search.ts'
import { ValidationError } from '../../errors.ts'
import { searchedWords } from '../../text/search-text.ts'
import { checkedText } from './values.ts'

/** Words and phrases of one search. */
const mostTerms = 100

// A term is text in quotes, or up to the next space; a minus before it excludes it. A quote that is not closed goes on
// to the end.
const terms = /(-?)(?:"([^"]*)"?|(\S+))/g

/**
 * What a search asks for: words in any order, `"phrases in quotes"`, and `-words` or `-"phrases"` that must not be there.
 * Everything but letters and digits separates words, so `user@example.com` asks for the phrase "user example com". Of
 * scripts without spaces any part is found.
 *
 * @throws ValidationError when nothing is left to look for
 */
export function parseSearch(text: unknown, field = 'search'): TextSearch {
  const wanted: Phrase[] = []
  const unwanted: Phrase[] = []
  for (const [, minus, quoted, plain] of checkedText(text, field).matchAll(terms)) {
    const phrase = searchedWords(quoted ?? plain ?? '')
    if (phrase.length > 0) (minus === '' ? wanted : unwanted).push(phrase)
  }
  if (wanted.length === 0) {
    throw fault(field, 'needs a word to look for: letters or digits, beside -excluded ones')
  }
  if (wanted.length + unwanted.length > mostTerms)
    throw fault(field, `must have at most ${mostTerms} words and phrases`)
  return { wanted, unwanted }
}

const fault = (field: string, message: string) => new ValidationError('Invalid search', [{ field, message }])
