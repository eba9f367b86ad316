import type { Column } from 'drizzle-orm'

/** What a column of `enumText` is made with. */
export interface EnumConfig {
  readonly values: readonly string[]
}

/** The values that a column made by a kit's `enumText` takes; undefined for other columns. */
export function enumValuesOf(column: Column): readonly string[] | undefined {
  // Drizzle keeps what a custom type was made with, and has no typed way to read it.
  const { config } = column as unknown as { readonly config: { readonly fieldConfig?: Partial<EnumConfig> } }
  return config.fieldConfig?.values
}
