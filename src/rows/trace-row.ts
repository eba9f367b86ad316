/** The columns that the author of a trace sets; all others are derived from these and from the spans. */
export const authorColumns = [
  'tags',
  'metadata',
  'resource',
  'input',
  'output',
  'authored',
  'authored_stamps',
  'document',
  'written_at',
] as const
