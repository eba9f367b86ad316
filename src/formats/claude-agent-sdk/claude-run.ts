import { type GenAiSpan, newSpanId, newTraceId, usageAttributes } from '../gen-ai-span.ts'
import { isObject, type Unknowns } from '../shape-error.ts'

/** The library that the spans are said to come from. */
export const claudeAgentScope = { name: '@anthropic-ai/claude-agent-sdk' }

/** What a program knows of a run that its messages do not say. */
export interface ClaudeRunOptions {
  /** @default that of the messages */
  readonly sessionId?: string | undefined
  readonly userId?: string | undefined
  /** What the agent was asked, where it is text. */
  readonly prompt?: string | undefined
}

interface Call {
  readonly id: string
  readonly parent: string
  readonly startMicros: number
  endMicros: number
  message: Unknowns
  /** Blocks of one message are sent apart. */
  readonly content: unknown[]
  readonly requestId: unknown
}

interface Tool {
  readonly id: string
  readonly parent: string
  readonly startMicros: number
  readonly use: Unknowns
}

/**
 * Makes spans of the messages of one run (`query()`): the agent, each model call once however many messages tell of it,
 * each tool from its call to its result, and sub-agents inside the tool that started them.
 */
export class ClaudeRun {
  readonly #options: ClaudeRunOptions
  readonly #traceId: string
  readonly #rootId: string
  readonly #startMicros: number
  readonly #tools = new Map<string, Tool>()
  /** Calls that may go on, by their agent: the root, or the tool that started a sub-agent. */
  readonly #calls = new Map<string, Call>()
  /** When each agent was last told something: its next model call begins then. */
  readonly #lastInput = new Map<string, { micros: number; messages: unknown[] }>()
  #init: Unknowns = {}
  #sessionId: string | undefined
  #hasEnded = false

  constructor(options: ClaudeRunOptions, nowMicros: number) {
    this.#options = options
    this.#sessionId = options.sessionId
    this.#traceId = newTraceId()
    this.#rootId = newSpanId()
    this.#startMicros = nowMicros
    const prompt = options.prompt === undefined ? [] : [{ role: 'user', content: options.prompt }]
    this.#lastInput.set(this.#rootId, { micros: nowMicros, messages: prompt })
  }

  get traceId(): string {
    return this.#traceId
  }

  /** The agent while it runs. */
  running(): GenAiSpan {
    return this.#root(null, {})
  }

  /** The spans that are complete with this message. */
  on(message: unknown, nowMicros: number): GenAiSpan[] {
    if (!isObject(message) || this.#hasEnded) return []
    if (this.#options.sessionId === undefined && typeof message.session_id === 'string')
      this.#sessionId = message.session_id
    switch (message.type) {
      case 'system':
        if (message.subtype === 'init') this.#init = message
        return []
      case 'assistant':
        return this.#assistant(message, nowMicros)
      case 'user':
        return this.#user(message, nowMicros)
      case 'result':
        return this.#result(message, nowMicros)
      default:
        return []
    }
  }

  /** What is left when the messages ended without a result: the run was cut. */
  end(nowMicros: number, error?: unknown): GenAiSpan[] {
    if (this.#hasEnded) return []
    const message = error instanceof Error ? error.message : 'the run ended without a result'
    const type = error instanceof Error ? error.name : undefined
    return [...this.#open(nowMicros), this.#root(nowMicros, {}, { message, type })]
  }

  #assistant(given: Unknowns, nowMicros: number): GenAiSpan[] {
    const agent = this.#agentOf(given)
    const message = isObject(given.message) ? given.message : {}
    const id = typeof message.id === 'string' ? message.id : newSpanId()
    const content = Array.isArray(message.content) ? message.content : []
    const open = this.#calls.get(agent)
    const done: GenAiSpan[] = []
    if (open?.id === id) {
      open.message = message
      open.endMicros = nowMicros
      open.content.push(...content)
    } else {
      if (open) done.push(this.#call(open))
      const { micros } = this.#lastInput.get(agent) ?? { micros: nowMicros }
      this.#calls.set(agent, {
        id,
        parent: agent,
        startMicros: micros,
        endMicros: nowMicros,
        message,
        content: [...content],
        requestId: given.request_id,
      })
    }
    for (const block of content) {
      if (!isObject(block) || block.type !== 'tool_use' || typeof block.id !== 'string') continue
      this.#tools.set(block.id, { id: block.id, parent: agent, startMicros: nowMicros, use: block })
    }
    return done
  }

  #user(given: Unknowns, nowMicros: number): GenAiSpan[] {
    const agent = this.#agentOf(given)
    const message = isObject(given.message) ? given.message : {}
    const done: GenAiSpan[] = []
    const open = this.#calls.get(agent)
    if (open) done.push(this.#call(open))
    this.#calls.delete(agent)
    const blocks: readonly unknown[] = Array.isArray(message.content) ? message.content : []
    for (const block of blocks) {
      if (!isObject(block) || block.type !== 'tool_result' || typeof block.tool_use_id !== 'string') continue
      const tool = this.#tools.get(block.tool_use_id)
      if (!tool) continue
      this.#tools.delete(tool.id)
      const ofAgent = this.#calls.get(tool.id)
      if (ofAgent) done.push(this.#call(ofAgent))
      this.#calls.delete(tool.id)
      this.#lastInput.delete(tool.id)
      done.push(this.#tool(tool, nowMicros, block))
    }
    const before = this.#lastInput.get(agent)?.messages ?? []
    this.#lastInput.set(agent, { micros: nowMicros, messages: open ? [message] : [...before, message] })
    return done
  }

  #result(given: Unknowns, nowMicros: number): GenAiSpan[] {
    this.#hasEnded = true
    const errors = Array.isArray(given.errors) ? given.errors.filter((each) => typeof each === 'string') : []
    const failed = given.is_error === true || (typeof given.subtype === 'string' && given.subtype.startsWith('error'))
    const type = typeof given.subtype === 'string' ? given.subtype : undefined
    const text = typeof given.result === 'string' ? given.result : undefined
    const error = failed ? { message: errors.join('; ') || (text ?? null), type } : undefined
    const attributes = {
      'gen_ai.output.messages': text === undefined ? undefined : [{ role: 'assistant', content: text }],
      'gen_ai.usage.cost': given.total_cost_usd,
      ...sumOfModels(given),
      'claude.num_turns': given.num_turns,
      'claude.duration_api_ms': given.duration_api_ms,
      'claude.model_usage': given.modelUsage,
      'claude.permission_denials': given.permission_denials,
    }
    return [...this.#open(nowMicros), this.#root(nowMicros, attributes, error)]
  }

  /** Calls and tools that nothing ended. */
  #open(nowMicros: number): GenAiSpan[] {
    const spans = [...this.#calls.values()].map((call) => this.#call(call))
    for (const tool of this.#tools.values()) spans.push(this.#tool(tool, nowMicros, {}))
    this.#calls.clear()
    this.#tools.clear()
    return spans
  }

  /** The root, or the tool that started a sub-agent. */
  #agentOf({ parent_tool_use_id: tool }: Unknowns): string {
    return typeof tool === 'string' ? tool : this.#rootId
  }

  #root(
    endMicros: number | null,
    attributes: Readonly<Record<string, unknown>>,
    error?: GenAiSpan['error'],
  ): GenAiSpan {
    const prompt = this.#options.prompt
    return {
      traceId: this.#traceId,
      spanId: this.#rootId,
      parentSpanId: null,
      name: 'invoke_agent claude',
      startMicros: this.#startMicros,
      endMicros,
      error,
      attributes: {
        ...this.#ofAll(),
        'gen_ai.operation.name': 'invoke_agent',
        'gen_ai.agent.name': 'claude',
        'gen_ai.agent.version': this.#init.claude_code_version,
        'gen_ai.request.model': this.#init.model,
        'gen_ai.input.messages': prompt === undefined ? undefined : [{ role: 'user', content: prompt }],
        'claude.tools': this.#init.tools,
        'claude.permission_mode': this.#init.permissionMode,
        ...attributes,
      },
    }
  }

  #call({ id, parent, startMicros, endMicros, message, content, requestId }: Call): GenAiSpan {
    const input = this.#lastInput.get(parent)?.messages ?? []
    return {
      traceId: this.#traceId,
      spanId: id,
      parentSpanId: parent,
      name: typeof message.model === 'string' ? `chat ${message.model}` : 'chat',
      startMicros,
      endMicros,
      attributes: {
        ...this.#ofAll(),
        'gen_ai.operation.name': 'chat',
        'gen_ai.response.model': message.model,
        'gen_ai.response.id': message.id,
        'gen_ai.response.finish_reasons': typeof message.stop_reason === 'string' ? [message.stop_reason] : undefined,
        'gen_ai.input.messages': input.length > 0 ? input : undefined,
        'gen_ai.output.messages': [{ role: 'assistant', content }],
        ...usageOf(message.usage),
        'claude.request_id': requestId,
      },
    }
  }

  #tool({ id, parent, startMicros, use }: Tool, endMicros: number, result: Unknowns): GenAiSpan {
    const name = typeof use.name === 'string' ? use.name : 'tool'
    const [, server] = /^mcp__(.+?)__/.exec(name) ?? []
    return {
      traceId: this.#traceId,
      spanId: id,
      parentSpanId: parent,
      name: `execute_tool ${name}`,
      startMicros,
      endMicros,
      error:
        result.is_error === true ? { message: typeof result.content === 'string' ? result.content : null } : undefined,
      attributes: {
        ...this.#ofAll(),
        'gen_ai.operation.name': 'execute_tool',
        'gen_ai.tool.name': name,
        'gen_ai.tool.call.id': id,
        'gen_ai.tool.call.arguments': use.input,
        'gen_ai.tool.call.result': result.content,
        'gen_ai.agent.name': isObject(use.input) ? use.input.subagent_type : undefined,
        'mcp.server': server,
      },
    }
  }

  #ofAll() {
    return {
      'gen_ai.provider.name': 'anthropic',
      'gen_ai.conversation.id': this.#sessionId,
      'user.id': this.#options.userId,
    }
  }
}

/** Anthropic leaves cached tokens out of input. */
function usageOf(value: unknown) {
  if (!isObject(value)) return {}
  return counted(
    value.input_tokens,
    value.output_tokens,
    value.cache_read_input_tokens,
    value.cache_creation_input_tokens,
  )
}

/** The usage of all models, sub-agents among them; what the messages did not tell counts for the agent itself. */
function sumOfModels({ modelUsage, usage }: Unknowns) {
  const models = isObject(modelUsage) ? Object.values(modelUsage).filter(isObject) : []
  if (models.length === 0) return usageOf(usage)
  const sum = (key: string) => models.reduce((total, each) => total + numberOf(each[key]), 0)
  return counted(sum('inputTokens'), sum('outputTokens'), sum('cacheReadInputTokens'), sum('cacheCreationInputTokens'))
}

function counted(input: unknown, output: unknown, cacheRead: unknown, cacheWrite: unknown) {
  return usageAttributes({
    input: numberOf(input) + numberOf(cacheRead) + numberOf(cacheWrite),
    output,
    cacheRead,
    cacheWrite,
  })
}

const numberOf = (value: unknown): number => (typeof value === 'number' ? value : 0)
