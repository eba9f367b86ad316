import { fork } from 'node:child_process'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { type Context, ROOT_CONTEXT, trace } from '@opentelemetry/api'
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-base'
import { TraceholdSpanExporter } from '../src/otel/index.ts'
import type { Bench, Section } from './bench.ts'
import { type Contender, interleave, type Measured, median } from './interleave.ts'
import { openPostgresDatabase } from './postgres-database.ts'
import { rounded, whole } from './report.ts'
import { benchSpans } from './spans.ts'

/** Spans of an export: what the SDK's batch processor hands over at once. */
const batchSpans = 512

/** What exporting costs the agent's own process. */
export const otelExporterBench: Bench = {
  name: 'otel-exporter',
  about: 'exporting spans of the OpenTelemetry SDK, processor time of the agent, against the stock OTLP exporters',
  async run(options) {
    const spans = sdkSpans(options.rows)
    const database = await openPostgresDatabase()
    const sink = fork(fileURLToPath(new URL('./otlp-sink.js', import.meta.url)))
    const [{ port }] = (await once(sink, 'message')) as [AddressInfo]
    const url = `http://127.0.0.1:${port}/v1/traces`
    const exporters = {
      tracehold: new TraceholdSpanExporter({ store: database.store }),
      'otlp-json': new JsonExporter({ url }),
      'otlp-protobuf': new ProtobufExporter({ url }),
    }
    try {
      const measured = await interleave(
        [
          {
            ...contender('tracehold', 'TraceholdSpanExporter, committed in PostgreSQL', spans, exporters.tracehold),
            prepare: () => database.empty(),
            verify: () => database.expectRows(spans.length),
          },
          contender('otlp-json', 'OTLPTraceExporter in JSON, to a server that discards', spans, exporters['otlp-json']),
          contender(
            'otlp-protobuf',
            'OTLPTraceExporter in protobuf, to a server that discards',
            spans,
            exporters['otlp-protobuf'],
          ),
        ],
        options,
      )
      return [costs(measured)]
    } finally {
      for (const exporter of Object.values(exporters)) await exporter.shutdown()
      sink.disconnect()
      await database.close()
    }
  },
}

function contender(
  id: string,
  about: string,
  spans: readonly ReadableSpan[],
  exporter: Pick<SpanExporter, 'export'>,
): Contender {
  return {
    id,
    about,
    rows: spans.length,
    async run() {
      for (let from = 0; from < spans.length; from += batchSpans) {
        const { code, error } = await new Promise<Parameters<Parameters<SpanExporter['export']>[1]>[0]>((answer) =>
          exporter.export(spans.slice(from, from + batchSpans), answer),
        )
        if (code !== 0) throw error ?? new Error(`${id} failed.`)
      }
      return undefined
    },
  }
}

/** Microseconds of the agent's processor for each span, and as a share of each stock exporter's. */
function costs(measured: readonly Measured[]): Section {
  const cost = ({ cpuSeconds, rows }: Measured, round: number) => ((cpuSeconds[round] ?? Number.NaN) * 1e6) / rows
  const all = (one: Measured) => one.cpuSeconds.map((_, round) => cost(one, round))
  const [ours, ...stock] = measured
  const ratios: Record<string, number> = {}
  const table = measured.map((one) => {
    const against = stock.map((yardstick) => {
      const ratio = median(one.cpuSeconds.map((_, round) => cost(one, round) / cost(yardstick, round)))
      if (one === ours) ratios[`${one.id}/${yardstick.id}`] = rounded(ratio)
      return ratio.toFixed(2)
    })
    const figures = [median(all(one)), Math.min(...all(one)), Math.max(...all(one))]
    const rate = one.rows / median(one.seconds)
    return [one.id, one.about, ...figures.map((figure) => figure.toFixed(1)), whole(rate), ...against]
  })
  const head = ['', '', 'agent us/span', 'from', 'to', 'spans/s', ...stock.map(({ id }) => `x ${id}`)]
  return { title: 'Exporting spans of the OpenTelemetry SDK', table: [head, ...table], ratios }
}

/** The bench's spans as the SDK has them in memory: those of an agent that records content. */
function sdkSpans(count: number): readonly ReadableSpan[] {
  const memory = new InMemorySpanExporter()
  const resource = resourceFromAttributes({ 'service.name': 'airline', 'deployment.environment.name': 'production' })
  const tracer = new BasicTracerProvider({ resource, spanProcessors: [new SimpleSpanProcessor(memory)] }).getTracer(
    'bench',
  )
  let parent: Context = ROOT_CONTEXT
  for (const { name, parentSpanId, attributes, input, output, startTime, endTime } of benchSpans(count)) {
    const isRoot = parentSpanId === null
    const span = tracer.startSpan(name, { startTime: new Date(String(startTime)) }, isRoot ? ROOT_CONTEXT : parent)
    if (isRoot) parent = trace.setSpan(ROOT_CONTEXT, span)
    span.setAttributes({
      ...(attributes as Record<string, string>),
      'gen_ai.input.messages': String(input),
      'gen_ai.output.messages': String(output),
    })
    span.end(new Date(String(endTime)))
  }
  return memory.getFinishedSpans()
}
