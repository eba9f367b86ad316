import { parseDatabaseUrl } from '../engines/database-url.ts'
import { redisLocation } from '../redis/url.ts'
import type { Resolved } from './resolve.ts'
import type { Setting } from './settings.ts'

/** A setting as it may be shown to anybody. */
export interface ShownSetting {
  /** Its path in the configuration object, with dots. */
  readonly key: string
  /** Its value without secrets; null where there is none. */
  readonly value: unknown
  /** `DB_PORT (environment)`, or `default`. */
  readonly source: string
}

const hidden = '********'

/** A configuration as it may be shown: each value with its source, and no secret. */
export const describeConfig = ({ entries }: Resolved): ShownSetting[] =>
  entries.map(({ setting, value, source }) => ({ key: setting.key, value: redact(setting, value), source }))

function redact(setting: Setting, value: unknown): unknown {
  if (value === undefined) return null
  // The configuration of an exporter may hold secrets.
  if (setting.key === 'exporters') return Array.isArray(value) ? value.map(({ name }) => ({ name })) : hidden
  if (setting.secret === 'value') return hidden
  return setting.secret === 'url' ? locationOf(setting, String(value)) : value
}

function locationOf({ key }: Setting, url: string): string {
  try {
    return key === 'redis.url' ? redisLocation(url) : parseDatabaseUrl(url).location
  } catch {
    return hidden
  }
}
