/** A group of measurements, as `--only` names it. */
export interface Bench {
  readonly name: string
  /** What it measures, in one line. */
  readonly about: string
  /** Runs only when `--only` names it: it installs something, or takes long. */
  readonly onRequest?: boolean
  run(options: BenchOptions): Promise<readonly Section[]>
}

/** What the command line asked for. */
export interface BenchOptions {
  /** Spans that each contender stores. */
  readonly rows: number
  /** How often each contender runs; the medians are reported. */
  readonly runs: number
  /** Says what is going on; never on standard output, which `--json` keeps for itself. */
  readonly log: (line: string) => void
}

/** What a group found: one table for people, and ratios by name (`copy/psql-text`) for programs. */
export interface Section {
  readonly title: string
  /** The head and the rows; numbers are strings already. */
  readonly table: readonly (readonly string[])[]
  readonly ratios: Readonly<Record<string, number>>
}
