// The classes fit what the SDK's options ask for, though nothing of the SDK is imported where they are made.
import type { LogRecordExporter } from '@opentelemetry/sdk-logs'
import type { PushMetricExporter } from '@opentelemetry/sdk-metrics'
import type { SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace-base'
import {
  TraceholdLogRecordExporter,
  TraceholdMetricExporter,
  TraceholdSpanExporter,
  TraceholdSpanProcessor,
} from '../../src/otel/index.ts'

export const spans: SpanExporter = new TraceholdSpanExporter()
export const processor: SpanProcessor = new TraceholdSpanProcessor()
export const logs: LogRecordExporter = new TraceholdLogRecordExporter()
export const metrics: PushMetricExporter = new TraceholdMetricExporter()
