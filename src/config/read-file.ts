import { existsSync, readFileSync } from 'node:fs'
import { basename, extname, join } from 'node:path'
import * as yaml from 'js-yaml'
import * as toml from 'smol-toml'
import { ConfigError } from '../errors.ts'

/** A configuration file, as read. */
export interface ConfigFile {
  /** Its name in messages. */
  readonly name: string
  readonly content: Readonly<Record<string, unknown>>
}

const formats = ['yaml', 'yml', 'toml', 'json']

/** The path of the configuration file in a folder, if there is one. */
export function findConfigFile(folder: string): string | undefined {
  const found = formats.map((format) => join(folder, `tracehold.config.${format}`)).filter((path) => existsSync(path))
  if (found.length > 1) {
    const names = found.map((path) => basename(path)).join(' and ')
    throw new ConfigError(`There are two configuration files, ${names}. Remove one, or name one with TRACEHOLD_CONFIG.`)
  }
  return found[0]
}

/**
 * Reads a configuration file: YAML, TOML or JSON, by its extension.
 *
 * @throws ConfigError when it cannot be read; the message has the line in the file, never its content
 */
export function readConfigFile(path: string): ConfigFile {
  const name = basename(path)
  const format = extname(path).slice(1).toLowerCase()
  if (!formats.includes(format)) {
    throw new ConfigError(`The configuration file ${name} has an unknown extension. Accepted: .${formats.join(', .')}.`)
  }
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` [${error.code}]` : ''
    throw new ConfigError(`The configuration file ${path} cannot be read${code}. Check the path and its permissions.`)
  }
  const content = parse(text, format, name) ?? {}
  if (!isSection(content)) throw new ConfigError(`The configuration file ${name} must hold keys and values at its top.`)
  return { name, content }
}

/** Whether a value has keys of its own. */
export const isSection = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

// The parsers' own messages quote the line.
function parse(text: string, format: string, name: string): unknown {
  try {
    if (format === 'json') return JSON.parse(text)
    if (format === 'toml') return toml.parse(text)
    // A file that is empty, or has nothing but comments, has no document, which `load` refuses.
    return yaml.loadAll(text).length === 0 ? null : yaml.load(text)
  } catch (error) {
    throw new ConfigError(
      `The configuration file ${name} is no ${format.toUpperCase()}${positionOf(error, text, format)}.`,
    )
  }
}

function positionOf(error: unknown, text: string, format: string): string {
  if (format === 'json') {
    const position = error instanceof Error ? /at position (\d+)/.exec(error.message)?.[1] : undefined
    return position ? ` at line ${text.slice(0, Number(position)).split('\n').length}` : ''
  }
  if (format === 'toml') {
    return error instanceof toml.TomlError ? ` at line ${error.line}, column ${error.column}` : ''
  }
  const start = error instanceof yaml.YAMLException ? error.mark : undefined
  return start ? ` at line ${start.line + 1}, column ${start.column + 1}` : ''
}
