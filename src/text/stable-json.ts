/**
 * A value as JSON that equal values share: the keys of its objects are in one order, at every depth.
 *
 * @param isKept whether a member counts. @default every member that JSON has a form for
 */
export function stableJson(value: unknown, isKept: (member: unknown) => boolean = () => true): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null'
  if ('toJSON' in value && typeof value.toJSON === 'function') return stableJson(value.toJSON(), isKept)
  if (Array.isArray(value)) return `[${value.map((item) => stableJson(item, isKept)).join(',')}]`
  const members = value as Readonly<Record<string, unknown>>
  const keys = Object.keys(members)
    .filter((key) => members[key] !== undefined && isKept(members[key]))
    .sort()
  return `{${keys.map((key) => `${JSON.stringify(key)}:${stableJson(members[key], isKept)}`).join(',')}}`
}
