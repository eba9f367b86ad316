/** Whether two types are the same one, `any` and optional properties told apart. */
export type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

/** Fails to compile unless its argument is `true`. */
export type Expect<T extends true> = T
