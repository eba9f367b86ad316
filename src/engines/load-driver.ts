import { ConfigError } from '../errors.ts'
import { moduleRequire } from '../module-require.ts'

type Loader<T> = readonly [name: string, load: () => Promise<T>]

/**
 * Imports the drivers that an engine needs together, and names all that are missing at once.
 *
 * Each loader awaits its import directly inside a `try`, and throws a `driverError`: by the `try` a bundler knows that
 * the package may be missing.
 *
 * @throws ConfigError when a package is not installed, or cannot be loaded
 */
export async function loadDrivers<T extends readonly unknown[]>(
  ...loaders: { readonly [K in keyof T]: Loader<T[K]> }
): Promise<T> {
  const all: readonly Loader<unknown>[] = loaders
  const loaded = await Promise.allSettled(all.map(([, load]) => load()))
  const errors = loaded.map((result) => (result.status === 'rejected' ? result.reason : undefined))
  const missing = all.flatMap(([name], i) => (isMissing(name, errors[i]?.cause) ? [name] : []))
  if (missing.length > 1) {
    const named = missing.map((name) => `'${name}'`).join(', ')
    throw new ConfigError(`The drivers ${named} are not installed. Run: npm install ${missing.join(' ')}`)
  }
  const error = errors.find((found) => found !== undefined)
  if (error) throw error
  return loaded.map((result) => result.status === 'fulfilled' && result.value) as unknown as T
}

/** Not so where the package is there and lacks a file of its own. */
const isMissing = (name: string, cause: unknown) =>
  cause instanceof Error &&
  /^Cannot find (package|module) '([^']+)'/.exec(cause.message)?.[2]?.startsWith(name) === true

/**
 * What is wrong with a driver that was not loaded, and the command that mends it.
 *
 * @param packageManager whose command is named. @default the one that installed the driver
 */
export function driverError(name: string, cause: unknown, packageManager = packageManagerOf(name)): ConfigError {
  if (isMissing(name, cause)) {
    return new ConfigError(`The driver '${name}' is not installed. Run: npm install ${name}`, { cause })
  }
  const text = cause instanceof Error ? cause.message : String(cause)
  const rebuild = `${packageManager} rebuild ${name}`
  const problem = (what: string, command: string, options: ErrorOptions = { cause }) =>
    new ConfigError(`The driver '${name}' is installed, but ${what}. Run: ${command}`, options)
  if (/NODE_MODULE_VERSION|different Node\.js version|undefined symbol/i.test(text)) {
    return problem(`was built for another Node than this (${process.versions.node})`, rebuild)
  }
  // The package "bindings" lists everywhere it looked: as a cause it would hide the sentence in a screen of paths.
  if (/bindings file|\.node\b|cannot find module/i.test(text)) {
    return problem('its addon is missing: its install script did not run', allowAndBuild(name)[packageManager], {})
  }
  return problem('it cannot be loaded', rebuild)
}

type PackageManager = 'npm' | 'pnpm'

const allowAndBuild = (name: string): Readonly<Record<PackageManager, string>> => ({
  pnpm: `pnpm approve-builds, choose ${name}`,
  npm: `npm rebuild ${name} (npm 12 and newer: npm install-scripts approve ${name} before it)`,
})

/** pnpm keeps packages in a folder of its own. Others understand npm's commands. */
export function packageManagerOf(name: string): PackageManager {
  try {
    return /[\\/]\.pnpm[\\/]/.test(moduleRequire().resolve(name)) ? 'pnpm' : 'npm'
  } catch {
    return 'npm'
  }
}
