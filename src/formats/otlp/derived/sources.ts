/**
 * The scopes of spans that are derived from other signals: a call that was reported as a log event, and the usage of a
 * session that was reported only as metrics. They are no spans of OpenTelemetry, and are not exported as such.
 */
export const derivedScopes = { logs: 'tracehold/logs', metrics: 'tracehold/metrics' } as const

const names: ReadonlySet<string> = new Set(Object.values(derivedScopes))

/** Whether a span was derived from other signals. */
export const isDerived = ({ scope }: { readonly scope?: { readonly name?: string } | null | undefined }): boolean =>
  names.has(scope?.name ?? '')
