import type { ConfigFile } from './read-file.ts'
import { isSection } from './read-file.ts'
import { isInMilliseconds } from './setting.ts'
import { type Setting, settings } from './settings.ts'

/** A value as a source has it, not checked yet. */
export interface RawValue {
  /** Its name, as the source spells it. */
  readonly key: string
  readonly value: unknown
}

/** A source of values: options, an environment, a file. */
export interface Source {
  /** Its name in messages. */
  readonly name: string
  find(setting: Setting): RawValue | undefined
}

/** Options of a program: the configuration object, or parts of it. */
export const optionSource = (options: object): Source => ({
  name: 'options',
  find(setting) {
    let value: unknown = options
    for (const name of setting.path) value = isSection(value) ? value[name] : undefined
    return value === undefined ? undefined : { key: setting.key, value }
  },
})

/** Variables of an environment. An empty one counts as missing. */
export const environmentSource = (variables: NodeJS.Dict<string>, name: string): Source => ({
  name,
  find(setting) {
    const key = setting.env.find((variable) => variables[variable])
    return key === undefined ? undefined : { key, value: fromText(variables[key] ?? '', setting, key) }
  },
})

/** A configuration file, in snake or camel case, with `${NAME}` filled in from `variables`. */
export function fileSource({ name, content }: ConfigFile, variables: NodeJS.Dict<string>): FileSource {
  const found = new Map([...leaves(content, [])].map((leaf) => [comparable(leaf.key), leaf]))
  const unset = new Set<string>()
  const known = new Map(settings.flatMap((setting) => namesInFile(setting).map((key) => [key, setting])))
  const values = new Map<Setting, RawValue>()
  for (const setting of settings) {
    const key = namesInFile(setting).find((candidate) => found.has(candidate))
    const leaf = key && found.get(key)
    if (!leaf) continue
    const value = expand(leaf.value, variables, (variable) => unset.add(`${leaf.key}\0${variable}`))
    const isText = typeof leaf.value === 'string'
    values.set(setting, {
      key: leaf.key,
      value: isText ? fromText(String(value), setting, leaf.key) : fromTyped(value, setting, leaf.key),
    })
  }
  return {
    name,
    find: (setting) => values.get(setting),
    unknown: [...found].filter(([key]) => !known.has(key)).map(([, { key }]) => key),
    unset: [...unset].map((entry) => entry.split('\0') as [string, string]),
  }
}

/** A file, with the faults that are not in its values. */
export interface FileSource extends Source {
  /** Unknown keys. */
  readonly unknown: readonly string[]
  /** Keys, each with the variable that it needs and that is not set. */
  readonly unset: readonly (readonly [key: string, variable: string])[]
}

/** The names of a setting in files: its own, and its key in the configuration object. */
const namesInFile = (setting: Setting): string[] => [...setting.file, setting.key].map(comparable)

/** Snake and camel case are one. */
const comparable = (key: string): string => key.replace(/_/g, '').toLowerCase()

const sections = new Set(
  settings
    .flatMap(namesInFile)
    .flatMap((key) => key.split('.').map((_, n, parts) => parts.slice(0, n).join('.')))
    .filter((section) => section !== ''),
)

/** The values of a file. An unknown section is one unknown key. */
function* leaves(content: Readonly<Record<string, unknown>>, above: readonly string[]): Generator<RawValue> {
  for (const [name, value] of Object.entries(content)) {
    const key = [...above, name].join('.')
    if (value === null || value === undefined) continue
    if (isSection(value) && sections.has(comparable(key))) yield* leaves(value, [...above, name])
    else yield { key, value }
  }
}

function expand(value: unknown, variables: NodeJS.Dict<string>, onUnset: (name: string) => void): unknown {
  if (typeof value === 'string') {
    return value.replace(/\$\{([A-Za-z_]\w*)\}/g, (_, name: string) => {
      if (variables[name] === undefined) onUnset(name)
      return variables[name] ?? ''
    })
  }
  if (Array.isArray(value)) return value.map((item) => expand(item, variables, onUnset))
  if (!isSection(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, expand(item, variables, onUnset)]))
}

const words = new Map<string, boolean>([
  ...['1', 'true', 'yes', 'on'].map((word) => [word, true] as const),
  ...['0', 'false', 'no', 'off'].map((word) => [word, false] as const),
])

/** A text as a value of the setting's type. A text that is none stays a text, which the setting's check refuses. */
function fromText(text: string, setting: Setting, key: string): unknown {
  switch (setting.kind) {
    case 'number':
    case 'duration':
      return /^\s*-?\d+(\.\d+)?\s*$/.test(text) ? fromTyped(Number(text), setting, key) : text
    case 'flag':
      return words.get(text.trim().toLowerCase()) ?? text
    default:
      return text
  }
}

function fromTyped(value: unknown, setting: Setting, key: string): unknown {
  if (setting.kind !== 'duration' || typeof value !== 'number' || isInMilliseconds(key)) return value
  // Rounded, since 1.1 seconds are 1100.0000000000002 milliseconds.
  return Math.round(value * 1_000_000) / 1000
}
