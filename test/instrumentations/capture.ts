import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { ensureSdksInstalled } from './install.ts'

const execFileAsync = promisify(execFile)

/** For the hook or test that captures: the first one on a machine also installs. */
export const captureTimeoutMs = 300_000

/** One thing that a run did, with what its SDK reports of it. */
export interface CapturedOperation {
  name: string
  /** The traces that it made, where the run emits spans. */
  traceIds: string[]
  text?: string
  /** The message of the error that it ended with. */
  error?: string
  /** Usage as the SDK's own result has it. */
  usage?: Record<string, unknown>
  /** Usage of each model call, where the SDK reports no sum. */
  usages?: Record<string, unknown>[]
  [reported: string]: unknown
}

/** A finished span as a plain object; the fields are those of the SDK's ReadableSpan. */
export interface CapturedSpan {
  name: string
  kind: number
  spanContext: { traceId: string; spanId: string; traceFlags: number }
  /** OpenTelemetry 2.x and later. */
  parentSpanContext?: { traceId: string; spanId: string }
  /** OpenTelemetry 1.x. */
  parentSpanId?: string
  startTime: [number, number]
  endTime: [number, number]
  status: { code: number; message?: string }
  attributes: Record<string, unknown>
  events: { name: string; time: [number, number]; attributes?: Record<string, unknown> }[]
  links: unknown[]
  droppedAttributesCount: number
  droppedEventsCount: number
  droppedLinksCount: number
  resource: { attributes: Record<string, unknown> }
  /** OpenTelemetry 2.x and later. */
  instrumentationScope?: { name: string; version?: string }
  /** OpenTelemetry 1.x. */
  instrumentationLibrary?: { name: string; version?: string }
}

/** What a run emitted. */
export interface Capture<Item = Record<string, unknown>> {
  name: string
  /** Spans, of an OpenTelemetry source. */
  spans: CapturedSpan[]
  /** The native objects of a source that is not OpenTelemetry. */
  items: Item[]
  /** The OTLP/JSON request of the spans. */
  otlp: Record<string, unknown>
  expected: { operations: CapturedOperation[] }
  /** What each `finish` of the attached modules returned. */
  attached: unknown[]
  [more: string]: unknown
}

export interface CaptureOptions {
  /** Paths of modules that export `attach(name)`; see README.md. */
  with?: string[]
  /** Environment variables beside those of this process. */
  env?: Record<string, string>
}

const captures = new Map<string, Promise<Capture>>()

/** Makes the run of `runs/<name>.mjs` in a process of its own, once for a process of the tests. */
export function captureRun(name: string, options: CaptureOptions = {}): Promise<Capture> {
  const key = JSON.stringify([name, options])
  const captured = captures.get(key) ?? makeRun(name, options)
  captures.set(key, captured)
  return captured
}

async function makeRun(name: string, options: CaptureOptions): Promise<Capture> {
  await ensureSdksInstalled()
  const directory = await mkdtemp(join(tmpdir(), 'tracehold-capture-'))
  try {
    const output = join(directory, 'capture.json')
    const script = fileURLToPath(new URL('capture.mjs', import.meta.url))
    const attached = (options.with ?? []).flatMap((module) => ['--with', module])
    await execFileAsync(process.execPath, [script, name, '--json', '--output', output, ...attached], {
      env: { ...process.env, ...options.env },
    })
    return { spans: [], items: [], otlp: {}, ...JSON.parse(await readFile(output, 'utf8')) }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}
