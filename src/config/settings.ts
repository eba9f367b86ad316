import { z } from 'zod'
import { configSchema } from './schema.ts'
import { type SettingMeta, settingMeta } from './setting.ts'

/** One value that can be configured. */
export interface Setting extends SettingMeta {
  /** Its path in the configuration object: `['tls', 'mode']`. */
  readonly path: readonly string[]
  /** The path with dots. */
  readonly key: string
  readonly schema: z.ZodType
  /** Its default. */
  readonly fallback: unknown
}

/** All settings, in the order of the schema. */
export const settings: readonly Setting[] = [...walk(configSchema, [])]

function* walk(schema: z.ZodObject, above: readonly string[]): Generator<Setting> {
  for (const [name, part] of Object.entries(schema.shape)) {
    const path = [...above, name]
    if (part instanceof z.ZodObject) yield* walk(part, path)
    else yield settingOf(part as z.ZodType, path)
  }
}

function settingOf(schema: z.ZodType, path: readonly string[]): Setting {
  const meta = settingMeta.get(schema)
  if (!meta) throw new TypeError(`the setting ${path.join('.')} has no metadata`)
  return { ...meta, path, key: path.join('.'), schema, fallback: schema.parse(undefined) }
}
