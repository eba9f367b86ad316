import { z } from 'zod'
import { ConfigError } from '../errors.ts'
import { ClickHouseExporter } from './clickhouse-exporter.ts'
import type { RecordExporter } from './exporter.ts'
import { type ClickHouseExporterOptions, flagOf, listOf } from './options.ts'

// A configuration file whose values come from variables has texts where options have numbers and flags.
const flag = z.union([
  z.boolean(),
  z.enum(['1', '0', 'true', 'false', 'yes', 'no', 'on', 'off']).transform((text) => flagOf(text)),
])
const size = z.union([z.number(), z.string().regex(/^\d+$/, 'must be a whole number').transform(Number)])

const clickHouseConfig = z.strictObject({
  dsn: z.string().optional(),
  table: z.string().optional(),
  batchSize: size.optional(),
  maxExportBatchSize: size.optional(),
  asyncInsert: flag.optional(),
  waitForAsyncInsert: flag.optional(),
  createTable: flag.optional(),
  captureContent: flag.optional(),
  spanColumns: flag.optional(),
  textMembers: z.union([z.array(z.string()), z.string().transform((text) => listOf(text))]).optional(),
})

/** The exporters that a configuration can name. */
export const exporterNames = ['clickhouse'] as const

/**
 * Makes an exporter by its name, from a configuration that was read from a file: names of options may be written
 * `batchSize` or `batch_size`.
 *
 * @throws ConfigError for a name that is none, and for an option that is none or cannot be used
 *
 * @example
 * const exporter = createExporter('clickhouse', { dsn: 'clickhouse://app@ch.example/agents', create_table: true })
 */
export function createExporter(name: string, config: Readonly<Record<string, unknown>> = {}): RecordExporter {
  if (name !== 'clickhouse') {
    throw new ConfigError(`There is no exporter '${name}'. There is: ${exporterNames.join(', ')}.`)
  }
  const options = checked(clickHouseConfig, camelCased(config), `The configuration of the exporter ${name}`)
  return new ClickHouseExporter(options as ClickHouseExporterOptions)
}

const exporterList = z.array(z.strictObject({ name: z.string(), config: z.record(z.string(), z.unknown()).nullish() }))

/**
 * Makes the exporters that a configuration lists.
 *
 * @param list the value of `exporters` in a configuration file: `[{ name: 'clickhouse', config: { … } }]`
 * @throws ConfigError for a list that is none, and as `createExporter`
 */
export function createExporters(list: unknown): RecordExporter[] {
  const entries = checked(exporterList, list ?? [], 'exporters')
  return entries.map(({ name, config }) => createExporter(name, config ?? {}))
}

function checked<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const { data, error } = schema.safeParse(value)
  if (error) {
    const faults = error.issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': '))
    throw new ConfigError(`${what} cannot be used: ${faults.join('; ')}`)
  }
  return data
}

const camelCased = (config: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(
    Object.entries(config).map(([key, value]) => [
      key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      value,
    ]),
  )
