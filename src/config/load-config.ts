import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { ConfigError } from '../errors.ts'
import type { Config, ConfigLocation, ConfigOptions } from './config.ts'
import { findConfigFile, readConfigFile } from './read-file.ts'
import { type Resolved, resolveSettings } from './resolve.ts'
import { environmentSource, type FileSource, fileSource, optionSource, type Source } from './sources.ts'

/**
 * Reads the configuration: options, then the environment, then `.env`, then the configuration file.
 *
 * @throws ConfigError with every fault, each with its key and source and never with a value
 *
 * @example
 * const pool = await openPool(loadConfig())
 */
export function loadConfig(options: ConfigOptions = {}, location: ConfigLocation = {}): Config {
  const { config, error } = readConfig(options, location)
  if (error) throw error
  return config
}

/** The same with the source of each value, for showing a configuration. It returns the faults instead of throwing. */
export function readConfig(options: ConfigOptions = {}, location: ConfigLocation = {}): Resolved {
  const { env = process.env, cwd = process.cwd() } = location
  const dotenv = readDotenv(join(cwd, '.env'))
  const sources: Source[] = [
    optionSource(options),
    environmentSource(env, 'environment'),
    environmentSource(dotenv, '.env'),
  ]
  const variables = { ...dotenv, ...env }
  const named = location.file ?? variables.TRACEHOLD_CONFIG
  const path = named ? resolve(cwd, named) : findConfigFile(cwd)
  const file: FileSource | undefined = path === undefined ? undefined : fileSource(readConfigFile(path), variables)
  return resolveSettings(file ? [...sources, file] : sources, file)
}

function readDotenv(path: string): NodeJS.Dict<string> {
  try {
    return parseEnv(readFileSync(path, 'utf8').replace(/^\ufeff/, ''))
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOENT') return {}
    throw new ConfigError(`The file .env cannot be read [${code}]. Check its permissions, or remove it.`)
  }
}
