// AI SDK 7 without OpenTelemetry: the events of a telemetry integration, and of the diagnostics channel beside it.
import { tracingChannel } from 'node:diagnostics_channel'
import { registerTelemetry } from 'ai'
import { runAiSdkOperations } from '../operations/ai-sdk.mjs'

const callbacks = [
  'onStart',
  'onStepStart',
  'onStepEnd',
  'onLanguageModelCallStart',
  'onLanguageModelCallEnd',
  'onToolExecutionStart',
  'onToolExecutionEnd',
  'onEmbedStart',
  'onEmbedEnd',
  'onEnd',
  'onAbort',
  'onError',
]

/** `attached.aiTelemetry` are integrations that are registered beside the one that keeps events. */
export async function run({ aiTelemetry = [] } = {}) {
  const items = []
  const operations = []
  const keep = (callback) => (event) => void items.push({ source: 'integration', callback, event: snapshot(event) })
  registerTelemetry(Object.fromEntries(callbacks.map((callback) => [callback, keep(callback)])), ...aiTelemetry)
  subscribe((phase, message) => items.push({ source: 'channel', phase, event: snapshot(message) }))
  await runAiSdkOperations(async (name, work) => {
    operations.push({ name, ...(await work()) })
  })
  return { items, expected: { operations } }
}

function subscribe(keep) {
  const phases = ['start', 'end', 'asyncStart', 'asyncEnd', 'error']
  const subscribers = phases.map((phase) => [phase, (message) => keep(phase, message)])
  tracingChannel('ai:telemetry').subscribe(Object.fromEntries(subscribers))
}

/** Events are changed after they are delivered, and hold functions. */
function snapshot(event) {
  return JSON.parse(JSON.stringify(event, (_, value) => (value instanceof Error ? describeError(value) : value)))
}

function describeError({ name, message }) {
  return { name, message }
}
