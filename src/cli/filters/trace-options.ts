import { otelKinds, spanKinds, statuses } from '../../../schema/values.ts'
import { type FilterOption, flag, id, paths, range, starts, tags, text, times, words } from './filter-option.ts'
import { asCount, asDollars, asDuration } from './numbers.ts'

/** What traces and spans both have. */
export const commonOptions: readonly FilterOption[] = [
  ...starts,
  text('name', '--name <name...>', "this name; of several any fits, '~part' finds a part, '' none: here and below"),
  words('status', '--status <status...>', 'this status', statuses),
  flag('--has-error', 'an error, in a span or as its status', { hasError: true }),
  flag('--without-error', 'no error', { hasError: false }),
  text('agentName', '--agent <name...>', 'this agent'),
  text('agentVersion', '--agent-version <version...>', 'this version of an agent'),
  text('serviceName', '--service <name...>', 'this service'),
  text('environment', '--environment <name...>', 'this environment'),
  id('sessionId', '--session <id...>', 'this session or conversation'),
  id('userId', '--user <id...>', 'this end user'),
  text('provider', '--provider <name...>', 'this provider'),
  text('model', '--model <name...>', 'this model'),
  id('traceId', '--trace <id...>', 'this trace; a short id will do, as lists show it'),
  text('statusMessage', '--message <text...>', 'this status message'),
  ...tags,
  ...range('durationMs', 'duration', 'took at least this long: 500ms, 2s, 1.5m', asDuration),
  ...range('costUsd', 'cost', 'cost at least this much', asDollars),
  ...range('totalTokens', 'tokens', 'at least so many tokens in all', asCount),
  ...range('inputTokens', 'input-tokens', 'at least so many in', asCount),
  ...range('outputTokens', 'output-tokens', 'at least so many out', asCount),
  ...range('cacheReadTokens', 'cache-read-tokens', 'at least so many read from a cache', asCount),
  ...range('cacheCreationTokens', 'cache-creation-tokens', 'at least so many written to a cache', asCount),
  ...range('reasoningTokens', 'reasoning-tokens', 'at least so many of reasoning', asCount),
  ...times('endTime', 'ended', 'ended'),
  {
    flags: '--input-text <text>',
    about: 'this text in the input',
    part: (contains: string) => ({ input: { contains } }),
  },
  {
    flags: '--output-text <text>',
    about: 'this text in the output',
    part: (contains: string) => ({ output: { contains } }),
  },
  paths('resource', '--resource <condition...>', 'conditions on the resource, as --metadata takes them'),
]

/** What only traces have. */
export const traceOptions: readonly FilterOption[] = [
  paths(
    'metadata',
    '--metadata <condition...>',
    'team=red, plan=pro,team, score>=0.5, /user/plan!=free, team (is there), !team (is not); all must hold',
  ),
  id('runId', '--run <id...>', "this run, by the caller's own id"),
  id('parentRunId', '--parent-run <id...>', 'a run that this run started'),
  ...range('spanCount', 'spans', 'at least so many spans', asCount),
  ...range('errorCount', 'errors', 'at least so many failed spans', asCount),
  ...range('llmCallCount', 'llm-calls', 'at least so many model calls', asCount),
  ...range('toolCallCount', 'tool-calls', 'at least so many tool calls', asCount),
  ...range('stepCount', 'steps', 'at least so many steps', asCount),
  ...range('stepsDurationMs', 'steps-duration', 'steps that took at least this long together', asDuration),
  ...times('createdAt', 'created', 'saved'),
  ...times('updatedAt', 'updated', 'changed'),
]

/** What only spans have. */
export const spanOptions: readonly FilterOption[] = [
  words('kind', '--kind <kind...>', 'this kind', spanKinds),
  text('toolName', '--tool <name...>', 'a call of this tool'),
  text('toolType', '--tool-type <type...>', 'a call of a tool of this type'),
  id('toolCallId', '--tool-call <id...>', 'this call of a tool'),
  text('operation', '--operation <name...>', 'this operation: chat, execute_tool, …'),
  text('errorType', '--error-type <type...>', 'an error of this type'),
  text('requestModel', '--request-model <name...>', 'this model was asked'),
  id('responseId', '--response <id...>', 'this response of a provider'),
  id('agentId', '--agent-id <id...>', 'the agent with this id'),
  text('workflowName', '--workflow <name...>', 'this workflow'),
  text('mcpMethod', '--mcp-method <name...>', 'this MCP method'),
  text('mcpServer', '--mcp-server <name...>', 'this MCP server'),
  id('mcpSessionId', '--mcp-session <id...>', 'this MCP session'),
  id('spanId', '--span <id...>', 'the span with this id'),
  id('parentSpanId', '--parent-span <id...>', "a child of this span; '' for the root"),
  words('otelKind', '--otel-kind <kind...>', "OpenTelemetry's kind", otelKinds),
  ...range('timeToFirstChunkMs', 'first-chunk', 'waited at least this long for the first chunk', asDuration),
  ...range('sequence', 'sequence', "at least this number in the source's own order", asCount),
  paths('attributes', '--attribute <condition...>', 'conditions on attributes, as --metadata takes them'),
  paths('scope', '--scope <condition...>', 'conditions on the instrumentation scope'),
]
