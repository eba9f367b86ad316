/** Whether a version's numbers come before others. */
export function isOlder(version: string, oldest: readonly number[]): boolean {
  const numbers = version.split('.', oldest.length).map(Number.parseFloat)
  for (const [n, wanted] of oldest.entries()) {
    const difference = (numbers[n] ?? 0) - wanted
    if (difference !== 0) return difference < 0
  }
  return false
}
