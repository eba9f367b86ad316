import { StorageError } from '../errors.ts'
import { DriverError } from './driver-error.ts'

// What a server that starts, restarts or is about to be reachable answers, and answers at once.
const mayPassSoon =
  /^(ECONNREFUSED|ECONNRESET|EPIPE|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ENOENT|57P0[1-35]|53300|08|CONNECTION_(CLOSED|ENDED|DESTROYED))/

/** Whether a connection failed at once for a reason that may pass: the server starts, restarts, is full for a moment. */
export function mayConnectSoon(error: unknown): boolean {
  if (!(error instanceof StorageError) || !(error.cause instanceof DriverError)) return false
  const { driverCode, message } = error.cause
  return driverCode === undefined ? /^Connection terminated/.test(message) : mayPassSoon.test(driverCode)
}
