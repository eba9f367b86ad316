const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉']

/** A bar of a length between 0 and `width` columns, to an eighth of a column. */
export function bar(share: number, width: number): string {
  const length = Math.round(Math.min(1, Math.max(0, share)) * width * 8)
  return '█'.repeat(Math.floor(length / 8)) + (eighths[length % 8] ?? '')
}
