import { contentNames } from './profiles/names.ts'

/** Names that one instrumentation has for content, and that mean many things elsewhere. */
const ordinary: ReadonlySet<string> = new Set(['text', 'events', 'transcript'])

/** What models and tools were given and gave, by the names that whole attributes have. */
const names: ReadonlySet<string> = new Set(contentNames.filter((name) => !ordinary.has(name)))

/** Content that instrumentations spread over several attributes: `llm.input_messages.0.message.content`. */
const families = new RegExp(
  `^(${[
    'gen_ai\\.(prompt|completion|content|tool\\.definitions|retrieval\\.(documents|query)|response\\.(text|object))',
    'llm\\.(prompts|completions|input_messages|output_messages|prompt_template|function_call|tools)',
    'ai\\.(prompt|request\\.(headers|body)|response\\.(text|object|reasoning|files|headers|toolCalls)|toolCall\\.(input|output))',
    'embedding\\.(text|vector|embeddings)',
    'retrieval\\.(documents|query)',
    'reranker\\.(query|input_documents|output_documents)',
    'selectools\\.step\\.error',
  ].join('|')})(\\.|$)`,
)

/** Last words of names that hold content, whoever gives them: `message.content`, `exception.message`, `prompt`. */
const words: ReadonlySet<string> = new Set(
  (
    'content contents message messages prompt prompts completion completions input inputs output outputs ' +
    'reasoning thinking parameters result results stacktrace body json_schema function_call tool_calls ' +
    'toolCalls instructions system_instructions system_prompt'
  ).split(' '),
)

/** Words whose members have names of their own: `mcp.request.argument.query`, `ai.request.headers.authorization`. */
const containers: ReadonlySet<string> = new Set(
  'argument arguments args headers variables template_variables authorization'.split(' '),
)

/** Words before which others count: `llm.token_count.prompt` is a number of tokens. */
const measures: ReadonlySet<string> = new Set(['cost', 'token_count', 'usage'])

/**
 * Whether an attribute holds content: prompts, answers, arguments, results, and what may quote them, such as an error's
 * message. It is decided by the name alone, and rather too often than too seldom: what is kept cannot be taken back.
 */
export function isContent(name: string): boolean {
  if (names.has(name) || families.test(name)) return true
  const parts = name.split('.').filter((part) => !/^\d+$/.test(part))
  if (parts.some((part) => measures.has(part))) return false
  return words.has(parts.at(-1) ?? '') || parts.some((part) => containers.has(part))
}
