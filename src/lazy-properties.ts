type Makers<T> = { readonly [K in keyof T]: () => T[K] }

/** What is made when it is first read, and what was. */
export interface LazyProperties<T> {
  readonly all: T
  readonly made: Partial<T>
}

/** An object whose properties are made when they are first read. */
export function lazyProperties<T extends object>(makers: Makers<T>): LazyProperties<T> {
  const made: Partial<T> = {}
  const all = {} as T
  for (const key of Object.keys(makers) as (keyof T)[]) {
    Object.defineProperty(all, key, { enumerable: true, get: () => (made[key] ??= makers[key]()) })
  }
  return { all, made }
}
