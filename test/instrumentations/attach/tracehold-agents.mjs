// Stores what the SDKs with tracing of their own tell, by the classes of tracehold/<SDK>, in every database that
// TRACEHOLD_URLS names (JSON). Each `attached` value is what became of it.
import { TraceholdTelemetry } from '../../../dist/src/integrations/ai-sdk.js'
import { TraceholdClaudeTracer } from '../../../dist/src/integrations/claude-agent-sdk.js'
import { TraceholdCallbackHandler } from '../../../dist/src/integrations/langchain.js'
import { TraceholdMastraExporter } from '../../../dist/src/integrations/mastra.js'
import { TraceholdTracingProcessor } from '../../../dist/src/integrations/openai-agents.js'

const makers = {
  'ai-sdk-events': (options) => {
    const tracer = new TraceholdTelemetry(options)
    return { tracer, aiTelemetry: tracer }
  },
  'openai-agents': (options) => {
    const tracer = new TraceholdTracingProcessor(options)
    return { tracer, agentsProcessors: tracer }
  },
  langchain: (options) => {
    const tracer = new TraceholdCallbackHandler(options)
    return { tracer, langchainCallbacks: tracer }
  },
  mastra: (options) => {
    const tracer = new TraceholdMastraExporter(options)
    return { tracer, mastraExporters: tracer }
  },
  'claude-agent-sdk': (options) => {
    const tracer = new TraceholdClaudeTracer(options)
    return { tracer, claudeStreams: (messages) => tracer.trace(messages, { userId: 'user-7' }) }
  },
}

export function attach(run) {
  const parts = JSON.parse(process.env.TRACEHOLD_URLS).map((url) => {
    const { tracer, ...lists } = makers[run]({ url, migrate: true })
    const finish = async () => {
      await tracer.shutdown()
      return { url, ...tracer.stats() }
    }
    return { ...lists, finish }
  })
  const keys = [...new Set(parts.flatMap((part) => Object.keys(part)))]
  return Object.fromEntries(keys.map((key) => [key, parts.flatMap((part) => part[key] ?? [])]))
}
