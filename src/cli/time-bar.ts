/**
 * A bar from start to end on a time axis, in half columns: `  ╺━━━╸   `. A span that has not ended reaches the right edge,
 * dashed. Even a moment is half a column wide.
 *
 * @param start where the bar begins, in any unit, counted from the left edge
 * @param end where it ends, or undefined while it has not
 * @param total the duration of the whole width
 */
export function timeBar(start: number, end: number | undefined, total: number, width: number): string {
  const halves = (at: number) => (total > 0 ? Math.round((at / total) * width * 2) : 0)
  const first = Math.min(halves(start), width * 2 - 1)
  const afterLast = Math.max(end === undefined ? width * 2 : halves(end), first + 1)
  let bar = ''
  for (let half = 0; half < width * 2; half += 2) {
    const left = half >= first && half < afterLast
    const right = half + 1 >= first && half + 1 < afterLast
    if (end === undefined && (left || right)) bar += '┅'
    else bar += left ? (right ? '━' : '╸') : right ? '╺' : ' '
  }
  return bar
}
