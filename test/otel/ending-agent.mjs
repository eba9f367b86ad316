// An agent that ends without shutting its SDK down: `node ending-agent.mjs URL`. It prints when its work is done.
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { TraceholdSpanExporter, TraceholdSpanProcessor } from '../../dist/src/otel/index.js'

const url = process.argv[2]
const exporter = new BatchSpanProcessor(new TraceholdSpanExporter({ url }), { scheduledDelayMillis: 100 })
const provider = new BasicTracerProvider({
  spanProcessors: [exporter, new TraceholdSpanProcessor({ url, delayMs: 100 })],
})
provider.getTracer('agent').startSpan('work').end()
await provider.forceFlush()
console.log('done')
