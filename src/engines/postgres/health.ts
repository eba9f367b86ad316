import { storageError } from '../../driver-errors/storage-error.ts'
import type { Health } from '../health.ts'
import type { ReadConnections } from './read-connections.ts'

/** Asks a server for its version, once: a health check reports the present state and does not try again. */
export async function askVersion(connections: ReadConnections): Promise<Health> {
  const started = performance.now()
  try {
    const [row] = await connections.query({ text: 'show server_version', params: [] }, 'all', { urgent: true })
    return { ok: true, latencyMs: performance.now() - started, version: String(row?.[0]) }
  } catch (error) {
    const { message } = storageError(error, 'ask the server')
    return { ok: false, latencyMs: performance.now() - started, error: message }
  }
}
