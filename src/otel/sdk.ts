/**
 * What the OpenTelemetry JavaScript SDK hands to exporters, as much of it as is read: versions 1.x, 2.x and 3.x fit.
 * The types are structural, so that nothing of the SDK is imported.
 */

/** Seconds and nanoseconds since 1970. */
export type HrTime = readonly [seconds: number, nanoseconds: number]

/** Attributes of any kind of value. */
export type SdkAttributes = Readonly<Record<string, unknown>>

/** What identifies a span. */
export interface SdkSpanContext {
  readonly traceId: string
  readonly spanId: string
  readonly traceFlags?: number | undefined
  readonly isRemote?: boolean | undefined
  readonly traceState?: { serialize(): string } | undefined
}

/** What produced a record. */
export interface SdkResource {
  readonly attributes: SdkAttributes
  readonly schemaUrl?: string | undefined
  readonly asyncAttributesPending?: boolean | undefined
  waitForAsyncAttributes?(): Promise<void>
}

/** The library that made a record. */
export interface SdkScope {
  readonly name: string
  readonly version?: string | undefined
  readonly schemaUrl?: string | undefined
  readonly attributes?: SdkAttributes | undefined
  readonly droppedAttributesCount?: number | undefined
}

/** A span of the SDK, also one that has not ended. */
export interface ReadableSpan {
  readonly name: string
  readonly kind: number
  spanContext(): SdkSpanContext
  /** Since 2.x. */
  readonly parentSpanContext?: SdkSpanContext | undefined
  /** 1.x. */
  readonly parentSpanId?: string | undefined
  readonly startTime: HrTime
  readonly endTime: HrTime
  readonly status: { readonly code: number; readonly message?: string | undefined }
  readonly attributes: SdkAttributes
  readonly links: readonly {
    readonly context: SdkSpanContext
    readonly attributes?: SdkAttributes | undefined
    readonly droppedAttributesCount?: number | undefined
  }[]
  readonly events: readonly {
    readonly name: string
    readonly time: HrTime
    readonly attributes?: SdkAttributes | undefined
    readonly droppedAttributesCount?: number | undefined
  }[]
  readonly resource: SdkResource
  /** Since 2.x. */
  readonly instrumentationScope?: SdkScope | undefined
  /** 1.x. */
  readonly instrumentationLibrary?: SdkScope | undefined
  readonly droppedAttributesCount?: number | undefined
  readonly droppedEventsCount?: number | undefined
  readonly droppedLinksCount?: number | undefined
}

/** A log record of the SDK. */
export interface ReadableLogRecord {
  readonly hrTime: HrTime
  readonly hrTimeObserved: HrTime
  readonly spanContext?: SdkSpanContext | undefined
  readonly severityText?: string | undefined
  readonly severityNumber?: number | undefined
  readonly body?: unknown
  readonly eventName?: string | undefined
  readonly resource: SdkResource
  readonly instrumentationScope: SdkScope
  readonly attributes: SdkAttributes
  readonly droppedAttributesCount?: number | undefined
}

/** One measurement that a point shows as an example. */
export interface SdkExemplar {
  readonly value: number
  readonly timestamp: HrTime
  readonly filteredAttributes?: SdkAttributes | undefined
  readonly traceId?: string | undefined
  readonly spanId?: string | undefined
}

/** A point of a metric; its value is a number, or a histogram of either kind. */
export interface SdkDataPoint {
  readonly startTime: HrTime
  readonly endTime: HrTime
  readonly attributes: SdkAttributes
  readonly value: unknown
  readonly exemplars?: readonly SdkExemplar[] | undefined
}

/** A metric of the SDK with its points. */
export interface SdkMetric {
  readonly descriptor: {
    readonly name: string
    readonly description?: string | undefined
    readonly unit?: string | undefined
    /** 0: whole numbers; 1: doubles. */
    readonly valueType?: number | undefined
  }
  /** 0: delta; 1: cumulative. */
  readonly aggregationTemporality: number
  /** 0: histogram; 1: exponential histogram; 2: gauge; 3: sum. */
  readonly dataPointType: number
  readonly dataPoints: readonly SdkDataPoint[]
  readonly isMonotonic?: boolean | undefined
}

/** What a reader of metrics collects. */
export interface ResourceMetrics {
  readonly resource: SdkResource
  readonly scopeMetrics: readonly { readonly scope: SdkScope; readonly metrics: readonly SdkMetric[] }[]
}

/** The outcome of an export: 0 is success, 1 is failure. */
export interface SdkExportResult {
  code: 0 | 1
  error?: Error
}

/** Takes the outcome of an export. */
export type ResultCallback = (result: SdkExportResult) => void
