/** The options that have a value: one that is undefined counts as not given, and must not hide a default. */
export function withoutUndefined<T extends object>(options: T): { [K in keyof T]?: NonNullable<T[K]> } {
  // Filtering keeps what is left as it was; only the type system cannot follow.
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as never
}
