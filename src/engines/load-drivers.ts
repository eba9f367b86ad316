import { ConfigError } from '../errors.ts'
import { loadDriver } from './load-driver.ts'

type Load<T> = readonly [name: string, load: () => Promise<T>]

/**
 * Imports the drivers that an engine needs together, and names all that are missing at once.
 *
 * @throws ConfigError when a package is not installed, or cannot be loaded
 */
export async function loadDrivers<T extends readonly unknown[]>(
  loads: {
    readonly [K in keyof T]: Load<T[K]>
  },
): Promise<T> {
  const all: readonly Load<unknown>[] = loads
  const found = await Promise.allSettled(all.map(([, load]) => load()))
  const missing = all.flatMap(([name], i) => (isMissing(found[i]) ? [name] : []))
  if (missing.length > 1) {
    const named = missing.map((name) => `'${name}'`).join(', ')
    throw new ConfigError(`The drivers ${named} are not installed. Run: npm install ${missing.join(' ')}`)
  }
  const loaded = all.map(([name, load], i) =>
    loadDriver(() => (found[i]?.status === 'fulfilled' ? Promise.resolve(found[i].value) : load()), name, name),
  )
  return (await Promise.all(loaded)) as unknown as T
}

const isMissing = (result: PromiseSettledResult<unknown> | undefined) =>
  result?.status === 'rejected' &&
  result.reason instanceof Error &&
  'code' in result.reason &&
  /^(ERR_)?MODULE_NOT_FOUND$/.test(String(result.reason.code))
