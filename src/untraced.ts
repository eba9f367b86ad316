/** A context of OpenTelemetry's API, as much of it as is called. */
interface Context {
  setValue(key: symbol, value: unknown): Context
}

/** What OpenTelemetry's API keeps for all of a process under a symbol of its major version. */
interface OpenTelemetry {
  readonly context?: { active(): Context; with<T>(context: Context, work: () => T): T }
}

const api = Symbol.for('opentelemetry.js.api.1')
/** The SDK makes no span while this is true. */
const isSuppressed = Symbol.for('OpenTelemetry SDK Context Key SUPPRESS_TRACING')

/**
 * Does work of which OpenTelemetry's instrumentations of drivers make no spans: storing a span would make another one,
 * which would be stored, and so on. Where the process has no OpenTelemetry it is a plain call.
 */
export function untraced<T>(work: () => T): T {
  const { context } = (globalThis as { [api]?: OpenTelemetry })[api] ?? {}
  if (context === undefined) return work()
  return context.with(context.active().setValue(isSuppressed, true), work)
}
