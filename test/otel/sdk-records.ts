import type {
  ReadableLogRecord,
  ReadableSpan,
  ResourceMetrics,
  ResultCallback,
  SdkExportResult,
} from '../../src/otel/index.ts'

export const traceId = '0af7651916cd43dd8448eb211c80319c'

const resource = { attributes: { 'service.name': 'shop' } }
const instrumentationScope = { name: 'my-app', version: '1.2.3' }

const second = 1_764_547_200

/** The id of the span with a number. */
export const spanId = (number: number) => number.toString(16).padStart(16, '0')

/** A span as the SDK hands it over; `number` makes its id. */
export const sdkSpan = (number: number, more: Partial<ReadableSpan> = {}): ReadableSpan => ({
  name: `span ${number}`,
  kind: 0,
  spanContext: () => ({ traceId, spanId: spanId(number), traceFlags: 1 }),
  startTime: [second, 0],
  endTime: [second + 1, 0],
  status: { code: 0 },
  attributes: {},
  links: [],
  events: [],
  resource,
  instrumentationScope,
  ...more,
})

export const sdkLog = (more: Partial<ReadableLogRecord> = {}): ReadableLogRecord => ({
  hrTime: [second, 0],
  hrTimeObserved: [second, 0],
  resource,
  instrumentationScope,
  attributes: {},
  ...more,
})

type SdkMetric = ResourceMetrics['scopeMetrics'][number]['metrics'][number]

export const sdkMetrics = (...metrics: Partial<SdkMetric>[]): ResourceMetrics => ({
  resource,
  scopeMetrics: [
    {
      scope: instrumentationScope,
      metrics: metrics.map((metric, index) => ({
        descriptor: { name: `metric ${index}`, valueType: 1 },
        aggregationTemporality: 1,
        dataPointType: 3,
        dataPoints: [],
        ...metric,
      })),
    },
  ],
})

/** What an export is answered with. */
export const exported = (call: (answer: ResultCallback) => void): Promise<SdkExportResult> => new Promise(call)
