import { ConfigError } from '../errors.ts'
import { moduleRequire } from '../module-require.ts'

/**
 * Imports an optional driver.
 *
 * @param load the dynamic import itself, so that bundlers see it
 * @param install what a user types to get it
 * @throws ConfigError when the package is not installed, or cannot be loaded
 */
export async function loadDriver<T>(load: () => Promise<T>, name: string, install: string): Promise<T> {
  try {
    return await load()
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND'
    if (!isMissing) throw driverError(name, error)
    throw new ConfigError(`The driver '${name}' is not installed. Run: npm install ${install}`, { cause: error })
  }
}

/**
 * What is wrong with a driver that is installed and cannot be loaded, and the command that mends it.
 *
 * @param packageManager whose command is named. @default the one that installed the driver
 */
export function driverError(name: string, cause: unknown, packageManager = packageManagerOf(name)): ConfigError {
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
