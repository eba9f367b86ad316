import type { JsonObject } from '../../../../schema/values.ts'
import { microsOf } from '../../../rows/micros.ts'
import type { LogRecord, SpanRecord } from '../../../rows/records.ts'
import { contentId } from '../../content-id.ts'
import type { Origin } from '../span-record.ts'
import { spanRecord } from '../span-record.ts'
import { derivedScopes } from './sources.ts'

/** Events of Claude Code that stand for work that was done, with the names that its spans have. */
const spanNames: Readonly<Record<string, string>> = {
  api_request: 'claude_code.llm_request',
  api_error: 'claude_code.llm_request',
  tool_result: 'claude_code.tool',
  user_prompt: 'claude_code.interaction',
}

/**
 * The span that a log event of Claude Code is the report of; undefined for all other records. Without a trace of its
 * own a prompt is one, with its calls below it.
 *
 * @see https://docs.claude.com/en/docs/claude-code/monitoring-usage
 */
export function spanOfLog(log: LogRecord, { resource, scope }: Origin): SpanRecord | undefined {
  const attributes = log.attributes ?? {}
  const event = eventOf(log, attributes, scope)
  const name = event === undefined || !Object.hasOwn(spanNames, event) ? undefined : spanNames[event]
  const session = text(attributes['session.id'])
  if (name === undefined || session === null) return undefined
  const prompt = text(attributes['prompt.id'])
  const traceId = log.traceId ?? contentId(`claude-code ${session} ${prompt ?? ''}`)
  const root = contentId(`claude-code prompt ${session} ${prompt ?? ''}`).slice(0, 16)
  const isPrompt = event === 'user_prompt'
  // Without the id of its prompt it is one of many in the session.
  const isRoot = isPrompt && prompt !== null
  const endMicros = microsOf(log.time)
  const durationMs = Number(attributes.duration_ms)
  const tookMicros = Number.isFinite(durationMs) && durationMs > 0 ? Math.round(durationMs * 1000) : 0
  const { record } = spanRecord(
    {
      traceId,
      spanId: isRoot ? root : contentId(keyOf(event ?? '', session, prompt, attributes, log)).slice(0, 16),
      parentSpanId: log.spanId ?? (isRoot || prompt === null ? null : root),
      name,
      startMicros: Math.max(endMicros - tookMicros, 1),
      endMicros,
      status: event === 'api_error' ? 'error' : 'unset',
      statusMessage: null,
      otelKind: 'internal',
      traceState: null,
      flags: null,
      dropped: null,
      links: null,
      attributes: {
        ...attributes,
        ...(isPrompt && text(attributes.prompt) !== null && { user_prompt: attributes.prompt }),
      },
      types: null,
      events: [],
    },
    { resource, scope: { ...scope, name: claudeCodeScope } },
  )
  return { ...record, scope: { name: derivedScopes.logs, ...(scope?.version && { version: scope.version }) } }
}

/** The scope whose profile reads the attributes. */
const claudeCodeScope = 'com.anthropic.claude_code'

const text = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : null

/** The event's name without its prefix: in the record, in the body, or in an attribute of the source's own scope. */
function eventOf({ eventName, body }: LogRecord, attributes: JsonObject, scope: Origin['scope']): string | undefined {
  const prefix = 'claude_code.'
  const attribute = text(attributes['event.name'])
  const full = [text(eventName), text(body), attribute].find((each) => each?.startsWith(prefix))
  if (full !== undefined && full !== null) return full.slice(prefix.length)
  return scope?.name?.startsWith(claudeCodeScope) ? (attribute ?? undefined) : undefined
}

/** What is the same each time that an event is read: the id of the request or the call, else its order. */
function keyOf(event: string, session: string, prompt: string | null, attributes: JsonObject, log: LogRecord): string {
  const id = text(attributes.request_id) ?? text(attributes.tool_use_id)
  if (id !== null) return `claude-code ${event} ${session} ${id} ${text(attributes.attempt) ?? ''}`
  const sequence = text(attributes['event.sequence'])
  return `claude-code ${event} ${session} ${prompt ?? ''} ${sequence ?? log.logId}`
}
