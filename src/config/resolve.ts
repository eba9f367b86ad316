import type { z } from 'zod'
import { ConfigError, type Fault } from '../errors.ts'
import type { AllSettings, Config } from './config.ts'
import { databaseFrom, type SourcedValue } from './database-from.ts'
import { acceptedDuration, isInMilliseconds } from './setting.ts'
import { type Setting, settings } from './settings.ts'
import type { FileSource, Source } from './sources.ts'

/** A setting with its value and the source of it. */
export interface Entry {
  readonly setting: Setting
  readonly value: unknown
  /** `DB_PORT (environment)`, or `default`. */
  readonly source: string
}

/** The configuration that all sources make together. */
export interface Resolved {
  /** Usable only without an error. */
  readonly config: Config
  readonly entries: readonly Entry[]
  readonly error: ConfigError | undefined
}

/** Takes each setting from the first source that has it, and checks all of them. */
export function resolveSettings(sources: readonly Source[], file: FileSource | undefined): Resolved {
  const faults: Fault[] = fileFaults(file)
  const database = databaseFrom(sources)
  const found = new Map<Setting, SourcedValue>()
  for (const setting of settings) {
    const hit = setting.key === 'url' ? database.url : first(database.sources, setting)
    if (hit) found.set(setting, hit)
  }
  const entries = settings.map((setting) => {
    const hit = found.get(setting)
    const { success, data, error } = setting.schema.safeParse(hit?.value)
    if (!success && hit && !faults.some(({ field }) => field === fieldOf(hit)))
      faults.push(faultOf(setting, hit, error))
    return { setting, value: success ? data : undefined, source: hit ? fieldOf(hit) : 'default' }
  })
  const config = assemble(entries)
  const contradiction = checkMinimum(config, entries)
  if (contradiction) faults.push(contradiction)
  return { config, entries, error: faults.length > 0 ? errorOf(faults) : undefined }
}

function first(sources: readonly Source[], setting: Setting): SourcedValue | undefined {
  for (const source of sources) {
    const hit = source.find(setting)
    if (hit) return { ...hit, source: source.name }
  }
  return undefined
}

const fieldOf = ({ key, source }: SourcedValue) => (source === '' ? key : `${key} (${source})`)

function fileFaults(file: FileSource | undefined): Fault[] {
  if (!file) return []
  const unset = file.unset.map(([key, variable]) => ({
    field: `${key} (${file.name})`,
    message: `needs the environment variable ${variable}, which is not set`,
  }))
  const unknown = file.unknown.map((key) => ({
    field: `${key} (${file.name})`,
    message: `is no setting. Accepted: ${acceptedKeys(key)}`,
  }))
  return [...unset, ...unknown]
}

/** The keys beside an unknown one, else the sections. */
function acceptedKeys(key: string): string {
  const section = key.split('.').slice(0, -1).join('.').toLowerCase()
  const keys = settings.flatMap(({ file }) => file.slice(0, 1))
  const beside = keys.filter((known) => section !== '' && known.startsWith(`${section}.`))
  return [...new Set(beside.length > 0 ? beside : keys.map((known) => known.split('.')[0]))].join(', ')
}

function faultOf(setting: Setting, hit: SourcedValue, error: z.ZodError): Fault {
  const own = error.issues.find((issue) => issue.code === 'custom' && issue.params?.own)
  const durations = setting.limitsMs && acceptedDuration(setting.limitsMs, isInMilliseconds(hit.key))
  return { field: fieldOf(hit), message: own?.message ?? `must be ${durations ?? setting.accepted}` }
}

function errorOf(faults: readonly Fault[]): ConfigError {
  const count = faults.length === 1 ? 'one fault' : `${faults.length} faults`
  const list = faults.map(({ field, message }) => `\n  ${field}: ${message.replace(/\.$/, '')}`).join('')
  return new ConfigError(`The configuration has ${count}.${list}`, { faults })
}

function assemble(entries: readonly Entry[]): Config {
  const config: Record<string, unknown> = {}
  for (const { setting, value } of entries) {
    let section = config
    for (const name of setting.path.slice(0, -1)) {
      section[name] ??= {}
      section = section[name] as Record<string, unknown>
    }
    const name = setting.path.at(-1) ?? ''
    section[name] = value
  }
  // The type comes from the schema that checked each value.
  const { server, redis, cache, ...others } = config as AllSettings & { url: string }
  const { enabled, ...cacheOptions } = cache
  const { url } = redis
  return {
    ...others,
    redis: url === undefined ? undefined : { ...redis, url },
    cache: enabled ? cacheOptions : undefined,
  }
}

/** Without a setting the minimum follows the maximum. A minimum that is set must fit. */
function checkMinimum(config: Config, entries: readonly Entry[]): Fault | undefined {
  const { minConnections, maxConnections } = config
  const minimum = entries.find(({ setting }) => setting.key === 'minConnections')
  if (!minimum || !(minConnections > maxConnections)) return undefined
  if (minimum.source === 'default') {
    config.minConnections = maxConnections
    return undefined
  }
  return { field: minimum.source, message: `must be a whole number from 0 to the most connections, ${maxConnections}` }
}
