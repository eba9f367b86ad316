import { z } from 'zod'

/** Limits that many settings share. */
export const hourMs = 3_600_000
export const dayMs = 24 * hourMs
export const mostRows = 10_000_000
export const mostBytes = 64 * 1024 ** 3

/** A setting beside its type: its names, its limits and its description. */
export interface SettingMeta {
  /** One sentence for the reference and for `.env.example`. */
  readonly description: string
  /** Names in the environment; the first is the one to use. */
  readonly env: readonly string[]
  /** Keys of a configuration file, dotted and in snake case; the first is the one to use. */
  readonly file: readonly string[]
  /** The accepted values, in words that follow "must be". */
  readonly accepted: string
  /** How a text from the environment becomes a value. */
  readonly kind: 'text' | 'number' | 'duration' | 'flag' | 'other'
  /** The limits of a length of time, in milliseconds. */
  readonly limitsMs?: readonly [number, number]
  /** What to hide of the value: all of it, or the password in a URL. */
  readonly secret?: 'value' | 'url'
  /** The default in words, where the value alone says too little. */
  readonly defaultText?: string
}

/** The metadata of all settings, by their schema. */
export const settingMeta = z.registry<SettingMeta>()

type Names = Pick<SettingMeta, 'description' | 'env' | 'file'> & Partial<SettingMeta>

/** A whole number; without a default it may be left out. */
export function whole(min: number, max: number, fallback: number, names: Names) {
  const accepted = `a whole number from ${min} to ${max}`
  return z
    .int()
    .min(min)
    .max(max)
    .default(fallback)
    .register(settingMeta, { accepted, kind: 'number', ...names })
}

/** A number that need not be whole. */
export function decimal(min: number, max: number, fallback: number, names: Names) {
  const accepted = `a number from ${min} to ${max}`
  return z
    .number()
    .min(min)
    .max(max)
    .default(fallback)
    .register(settingMeta, { accepted, kind: 'number', ...names })
}

/**
 * A length of time, in milliseconds. Names that end in `_MS` are in milliseconds, all others in seconds: so do
 * the systems that these names come from.
 */
export function duration(minMs: number, maxMs: number, fallbackMs: number, names: Names) {
  const accepted = acceptedDuration([minMs, maxMs], true)
  return z
    .int()
    .min(minMs)
    .max(maxMs)
    .default(fallbackMs)
    .register(settingMeta, { accepted, kind: 'duration', limitsMs: [minMs, maxMs], ...names })
}

/** One of some words. */
export function oneOf<const T extends readonly [string, ...string[]]>(
  words: T,
  fallback: NoInfer<T[number]>,
  names: Names,
) {
  const accepted = `one of ${words.join(', ')}`
  return z
    .enum(words)
    .default(fallback as never) // zod's type of a default does not follow a generic list of words
    .register(settingMeta, { accepted, kind: 'text', ...names })
}

/** Yes or no. */
export function flag(fallback: boolean, names: Names) {
  const accepted = 'true or false (also: 1, yes, on; 0, no, off)'
  return z
    .boolean()
    .default(fallback)
    .register(settingMeta, { accepted, kind: 'flag', ...names })
}

/** A text that may be left out. `check` throws a ConfigError that says what is wrong with it. */
export function text(names: Names & Pick<SettingMeta, 'accepted'>, check: (value: string) => void = () => {}) {
  return z
    .string()
    .min(1)
    .max(4096)
    .superRefine((value, context) => {
      try {
        check(value)
      } catch (error) {
        context.addIssue({
          code: 'custom',
          message: error instanceof Error ? error.message : '',
          params: { own: true },
        })
      }
    })
    .optional()
    .register(settingMeta, { kind: 'text', ...names })
}

/** The accepted lengths of time, in the unit of the name. */
export const acceptedDuration = ([min, max]: readonly [number, number], inMilliseconds: boolean): string =>
  inMilliseconds
    ? `a whole number of milliseconds from ${min} to ${max}`
    : `a number of seconds from ${min / 1000} to ${max / 1000}`

/** Whether a name is in milliseconds; else it is in seconds. */
export const isInMilliseconds = (name: string): boolean => /_ms$/i.test(name) || name.endsWith('Ms')
