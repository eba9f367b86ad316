/** The formats of documents that are kept whole beside their rows. */
export type DocumentFormat = 'selectools' | 'agentprobe'

/** A document as it is kept beside its rows: its exact text. */
export interface StoredDocument {
  readonly format: DocumentFormat
  readonly text: string
  /** Whether the columns cannot show all that a summary shows: metadata with numbers or text that engines do not hold. */
  readonly isAwkward?: boolean | undefined
}

/** The scope of the spans that follow from documents of a format: it tells them from spans that were recorded. */
export const sourceOf = (format: DocumentFormat): string => `tracehold/${format}`

const prefix = (format: DocumentFormat, isAwkward = false) =>
  `{"format":"${format}",${isAwkward ? '"awkward":true,' : ''}"document":`

/** How texts of the column begin whose rows do not tell all. */
export const awkwardPrefixes: readonly string[] = [prefix('selectools', true), prefix('agentprobe', true)]

/** The text of the column: JSON for people, in which the document stands as it came. */
export const toColumn = ({ format, text, isAwkward }: StoredDocument): string => `${prefix(format, isAwkward)}${text}}`

/** The document in the text of the column; undefined for one of another format. */
export function fromColumn(column: string | null): StoredDocument | undefined {
  if (column === null) return undefined
  for (const format of ['selectools', 'agentprobe'] as const) {
    for (const isAwkward of [false, true]) {
      const start = prefix(format, isAwkward)
      if (column.startsWith(start)) return { format, text: column.slice(start.length, -1), isAwkward }
    }
  }
  return undefined
}
