import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseEnv } from 'node:util'
import type { z } from 'zod'
import { ConfigError } from '../errors.ts'
import { findConfigFile, readConfigFile } from './read-file.ts'
import { type Resolved, resolveSettings } from './resolve.ts'
import type { configSchema } from './schema.ts'
import { environmentSource, type FileSource, fileSource, optionSource, type Source } from './sources.ts'

/** The configuration as its schema has it. */
export type Whole = z.output<typeof configSchema>
type Part<T> = {
  [K in keyof T]?: (T[K] extends object ? (T[K] extends unknown[] ? T[K] : Part<T[K]>) : T[K]) | undefined
}

/** All settings, checked, with defaults where nothing was said. `openPool` and `openStore` take it as their options. */
export type Config = Omit<Whole, 'server' | 'url' | 'redis' | 'cache'> & {
  url: string
  /** Where a Redis is configured. */
  redis: (Whole['redis'] & { url: string }) | undefined
  /** Where reads are to be cached. */
  cache: Omit<Whole['cache'], 'enabled'> | undefined
}

/** Settings that a program gives itself; they win over all others. */
export type ConfigOptions = Part<Whole>

/** Where a configuration is read from. */
export interface ConfigPlaces {
  /** Path of the configuration file. @default TRACEHOLD_CONFIG, else `tracehold.config.{yaml,yml,toml,json}` in `cwd` */
  file?: string | undefined
  /** The environment. @default process.env */
  env?: NodeJS.Dict<string> | undefined
  /** The folder with `.env` and the configuration file. @default process.cwd() */
  cwd?: string | undefined
}

/**
 * Reads the configuration: options, then the environment, then `.env`, then the configuration file.
 *
 * @throws ConfigError with every fault, each by its key and source; it never holds a value
 *
 * @example
 * const pool = await openPool(loadConfig())
 */
export function loadConfig(options: ConfigOptions = {}, places: ConfigPlaces = {}): Config {
  const { config, error } = readConfig(options, places)
  if (error) throw error
  return config
}

/** The same, with the source of each value, and with the faults beside it: for those who show a configuration. */
export function readConfig(options: ConfigOptions = {}, places: ConfigPlaces = {}): Resolved {
  const { env = process.env, cwd = process.cwd() } = places
  const dotenv = readDotenv(join(cwd, '.env'))
  const sources: Source[] = [
    optionSource(options),
    environmentSource(env, 'environment'),
    environmentSource(dotenv, '.env'),
  ]
  const variables = { ...dotenv, ...env }
  const named = places.file ?? variables.TRACEHOLD_CONFIG
  const path = named ? resolve(cwd, named) : findConfigFile(cwd)
  const file: FileSource | undefined = path === undefined ? undefined : fileSource(readConfigFile(path), variables)
  return resolveSettings(file ? [...sources, file] : sources, file)
}

function readDotenv(path: string): NodeJS.Dict<string> {
  try {
    return parseEnv(readFileSync(path, 'utf8'))
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOENT') return {}
    throw new ConfigError(`The file .env cannot be read [${code}]. Check its permissions, or remove it.`)
  }
}
