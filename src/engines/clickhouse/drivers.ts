import { driverError } from '../load-driver.ts'

/** @throws ConfigError when chdb is not installed or cannot be loaded */
export async function loadChdb() {
  try {
    return await import('chdb/connection')
  } catch (error) {
    throw driverError('chdb', error)
  }
}

/** @throws ConfigError when @clickhouse/client is not installed or cannot be loaded */
export async function loadClient() {
  try {
    return await import('@clickhouse/client')
  } catch (error) {
    throw driverError('@clickhouse/client', error)
  }
}
