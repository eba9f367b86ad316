import { driverError, loadDrivers } from '../load-driver.ts'

/** @throws ConfigError when one is not installed or cannot be loaded */
export const loadPostgresDrivers = () =>
  loadDrivers(
    ['postgres', loadPostgresJs],
    ['pg', loadNodePostgres],
    // Of the sink: loaded with the others, so that it is named with them where it is missing.
    ['pg-copy-streams', loadCopyStreams],
  )

async function loadPostgresJs() {
  try {
    return await import('postgres')
  } catch (error) {
    throw driverError('postgres', error)
  }
}

async function loadNodePostgres() {
  try {
    return await import('pg')
  } catch (error) {
    throw driverError('pg', error)
  }
}

/** @throws ConfigError when pg-copy-streams is not installed or cannot be loaded */
export async function loadCopyStreams() {
  try {
    return await import('pg-copy-streams')
  } catch (error) {
    throw driverError('pg-copy-streams', error)
  }
}
