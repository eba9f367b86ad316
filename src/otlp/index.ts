/** The entry `tracehold/otlp`: an endpoint that any OpenTelemetry SDK and the collector send to. */

export {
  type NodeOtlpHandler,
  nodeOtlpHandler,
  type WrappedRequest,
  type WrappedResponse,
} from './node-otlp-handler.ts'
export type { OtlpHandlerOptions, OtlpRequestReport } from './options.ts'
export { otlpHandler } from './otlp-handler.ts'
