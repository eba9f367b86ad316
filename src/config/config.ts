import type { z } from 'zod'
import type { configSchema } from './schema.ts'

/** All settings, as the schema of the configuration has them. */
export type AllSettings = z.output<typeof configSchema>

type PartOf<T> = {
  [K in keyof T]?: (T[K] extends object ? (T[K] extends unknown[] ? T[K] : PartOf<T[K]>) : T[K]) | undefined
}

/** The checked configuration, with defaults. `openPool` and `openStore` take it as their options. */
export type Config = Omit<AllSettings, 'server' | 'url' | 'redis' | 'cache'> & {
  url: string
  /** Undefined where no Redis is configured. */
  redis: (AllSettings['redis'] & { url: string }) | undefined
  /** Undefined where reads are not cached. */
  cache: Omit<AllSettings['cache'], 'enabled'> | undefined
}

/** Settings that a program passes itself. They win over all others. */
export type ConfigOptions = PartOf<AllSettings>

/** Where the configuration is read from. */
export interface ConfigLocation {
  /** Path of the configuration file. @default TRACEHOLD_CONFIG, else `tracehold.config.{yaml,yml,toml,json}` in `cwd` */
  file?: string | undefined
  /** The environment. @default process.env */
  env?: NodeJS.Dict<string> | undefined
  /** The folder with `.env` and the configuration file. @default process.cwd() */
  cwd?: string | undefined
}
