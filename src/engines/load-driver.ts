import { ConfigError } from '../errors.ts'

/**
 * Imports an optional driver.
 *
 * @param load the dynamic import itself, so that bundlers see it
 * @param install what a user types to get it
 * @throws ConfigError when the package is not installed
 */
export async function loadDriver<T>(load: () => Promise<T>, name: string, install: string): Promise<T> {
  try {
    return await load()
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND'
    const problem = missing ? 'is not installed' : 'could not be loaded'
    throw new ConfigError(`The driver '${name}' ${problem}. Run: npm install ${install}`, { cause: error })
  }
}
