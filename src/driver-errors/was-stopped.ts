import { TimeoutError } from '../errors.ts'
import { codes } from './codes.ts'
import { DriverError } from './driver-error.ts'

/** Whether the server itself stopped a statement, for it took too long: it answers, and will mostly do so again. */
export const wasStopped = (error: unknown): boolean =>
  error instanceof TimeoutError &&
  error.cause instanceof DriverError &&
  codes.stopped.test(error.cause.driverCode ?? '')
