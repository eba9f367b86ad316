/** The formats of documents that are kept whole beside their rows. */
export type DocumentFormat = 'selectools' | 'agentprobe'

/** A document as it is kept beside its rows: its exact text. */
export interface StoredDocument {
  readonly format: DocumentFormat
  readonly text: string
  /** Whether a summary needs the document: its metadata has numbers or text that columns do not hold. */
  readonly isAwkward?: boolean | undefined
}

/** The scope of spans that are made from documents of a format; recorded spans have another. */
export const sourceOf = (format: DocumentFormat): string => `tracehold/${format}`

const prefix = (format: DocumentFormat, isAwkward = false) =>
  `{"format":"${format}",${isAwkward ? '"awkward":true,' : ''}"document":`

/** Prefixes of stored documents that a summary needs. */
export const awkwardPrefixes: readonly string[] = [prefix('selectools', true), prefix('agentprobe', true)]

/** The text of the column: JSON with the exact text of the document in it. */
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
