import { storageError } from '../driver-errors/storage-error.ts'

/** What a check of a database or a setting found. */
export interface Finding {
  /** `skipped`: there was nothing to look at, and the message says why. */
  readonly status: 'ok' | 'warning' | 'failed' | 'skipped'
  /** What was found; never a secret. */
  readonly message: string
  /** What to do about it. */
  readonly nextStep?: string
  /** Whether checks that need this one make no sense now. */
  readonly blocks?: boolean
}

export const ok = (message: string): Finding => ({ status: 'ok', message })

export const warning = (message: string, nextStep: string): Finding => ({ status: 'warning', message, nextStep })

export const failed = (message: string, nextStep: string): Finding => ({ status: 'failed', message, nextStep })

export const skipped = (message: string): Finding => ({ status: 'skipped', message })

/** An error as a finding. */
export function failure(error: unknown, during: string): Finding {
  return { status: 'failed', ...parted(storageError(error, during).message), blocks: true }
}

/** Our errors say what is wrong, and then what to do. */
export function parted(text: string): Pick<Finding, 'message' | 'nextStep'> {
  const [, message, nextStep] = /^(.+?)[.;] ([A-Z].*)$/s.exec(text) ?? []
  return message && nextStep ? { message, nextStep } : { message: text }
}

/** A number of things: `1 trace`, `2,000 traces`. */
export const many = (count: number, one: string, more = `${one}s`): string =>
  `${count.toLocaleString('en-US')} ${count === 1 ? one : more}`

/** A length of time, as short as it is readable. */
export const time = (ms: number): string =>
  ms < 1000
    ? `${Number(ms.toPrecision(2))} ms`
    : `${(ms / 1000).toLocaleString('en-US', { maximumFractionDigits: 1 })} s`
