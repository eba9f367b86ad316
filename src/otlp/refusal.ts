/** A request that is not taken, with the status that says why. */
export class Refusal extends Error {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message)
    this.name = 'Refusal'
    this.status = status
    this.headers = headers
  }

  /** One that is worth another try after some seconds. */
  static later(status: 429 | 503, message: string, seconds: number): Refusal {
    return new Refusal(status, message, { 'retry-after': String(seconds) })
  }

  /** Of a body that is larger than what is taken. */
  static tooLarge(most: number): Refusal {
    return new Refusal(413, `The body is larger than ${most} bytes, as sent or decompressed. Send smaller batches.`)
  }
}
