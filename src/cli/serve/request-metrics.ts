import type { OtlpRequestReport } from '../../otlp/options.ts'

/** Upper bounds of the histogram of durations, in seconds. */
const bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** Something that is counted, by its labels. */
class Family {
  readonly #values = new Map<string, number>()

  add(labels: string, by: number): void {
    this.#values.set(labels, (this.#values.get(labels) ?? 0) + by)
  }

  lines(name: string): string[] {
    return [...this.#values].map(([labels, value]) => `${name}{${labels}} ${value}`)
  }
}

/** A value of now. */
export interface Gauge {
  readonly name: string
  readonly help: string
  readonly value: number
}

/** Counts requests and failed writes, and tells them in the text format of Prometheus. */
export class RequestMetrics {
  readonly #requests = new Family()
  readonly #records = new Family()
  readonly #rejected = new Family()
  readonly #bytes = new Family()
  readonly #failures = new Family()
  readonly #seconds = new Map<string, { sum: number; counts: number[] }>()

  observe({ signal, status, records, rejected, bytes, durationMs }: OtlpRequestReport): void {
    const labels = `signal="${signal ?? 'none'}"`
    this.#requests.add(`${labels},code="${status}"`, 1)
    this.#bytes.add(labels, bytes)
    if (signal === undefined) return
    this.#records.add(labels, records)
    this.#rejected.add(labels, rejected)
    const seconds = this.#seconds.get(labels) ?? { sum: 0, counts: new Array<number>(bounds.length + 1).fill(0) }
    this.#seconds.set(labels, seconds)
    seconds.sum += durationMs / 1000
    const place = bounds.findIndex((bound) => durationMs / 1000 <= bound)
    const bucket = place === -1 ? bounds.length : place
    seconds.counts[bucket] = (seconds.counts[bucket] ?? 0) + 1
  }

  /** Counts a failed try to write rows. */
  failed(table: string, isFinal: boolean): void {
    this.#failures.add(`table="${table}",final="${isFinal}"`, 1)
  }

  text(gauges: readonly Gauge[]): string {
    const counters = [
      ['requests', 'Requests answered, by status.', this.#requests],
      ['records', 'Spans, log records and points stored.', this.#records],
      ['rejected', 'Parts of requests left out.', this.#rejected],
      ['body_bytes', 'Bytes of bodies as they were sent.', this.#bytes],
      ['write_failures', 'Failed tries to write a batch; final: its rows were given up.', this.#failures],
    ] as const
    return [
      ...counters.flatMap(([name, help, family]) => {
        const full = `tracehold_otlp_${name}_total`
        return [`# HELP ${full} ${help}`, `# TYPE ${full} counter`, ...family.lines(full)]
      }),
      ...this.#histogram(),
      ...gauges.flatMap(({ name, help, value }) => [
        `# HELP ${name} ${help}`,
        `# TYPE ${name} gauge`,
        `${name} ${value}`,
      ]),
      '',
    ].join('\n')
  }

  #histogram(): string[] {
    const name = 'tracehold_otlp_request_duration_seconds'
    const lines = [`# HELP ${name} How long requests took.`, `# TYPE ${name} histogram`]
    for (const [labels, { sum, counts }] of this.#seconds) {
      let count = 0
      for (const [place, inBucket] of counts.entries()) {
        count += inBucket
        lines.push(`${name}_bucket{${labels},le="${bounds[place] ?? '+Inf'}"} ${count}`)
      }
      lines.push(`${name}_sum{${labels}} ${sum}`, `${name}_count{${labels}} ${count}`)
    }
    return lines
  }
}
