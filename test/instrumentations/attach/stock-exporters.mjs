// Sends the spans of a run by the stock OTLP exporters too: JSON to OTLP_JSON_URL, protobuf to OTLP_PROTOBUF_URL, where
// these variables of the environment name the base of an OTLP endpoint, such as http://127.0.0.1:4318.
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { CompressionAlgorithm } from '@opentelemetry/otlp-exporter-base'

export function attach() {
  const { OTLP_JSON_URL, OTLP_PROTOBUF_URL } = process.env
  const compression = CompressionAlgorithm.GZIP
  const spanExporters = []
  if (OTLP_JSON_URL) spanExporters.push(new JsonExporter({ url: `${OTLP_JSON_URL}/v1/traces`, compression }))
  if (OTLP_PROTOBUF_URL)
    spanExporters.push(new ProtobufExporter({ url: `${OTLP_PROTOBUF_URL}/v1/traces`, compression }))
  return { spanExporters }
}
