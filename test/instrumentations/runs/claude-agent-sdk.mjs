// The Claude Agent SDK, whose program is replaced by one that answers without a network: the messages of its stream.
import { fileURLToPath } from 'node:url'
import { query } from '@anthropic-ai/claude-agent-sdk'
import { userQuestion } from '../scenario.mjs'

const pathToClaudeCodeExecutable = fileURLToPath(new URL('../fake/claude-code.mjs', import.meta.url))

/** Each of `attached.claudeStreams` wraps the stream of messages, and returns a stream of the same. */
export async function run({ claudeStreams = [] } = {}) {
  const items = []
  const operations = []
  const operation = async (name, prompt) => {
    const stream = query({ prompt, options: { pathToClaudeCodeExecutable, includePartialMessages: true } })
    let last
    for await (const message of claudeStreams.reduce((messages, wrap) => wrap(messages), stream)) {
      items.push({ operation: name, message })
      if (message.type === 'result') last = message
    }
    const { result: text, usage, modelUsage, total_cost_usd: cost, session_id: session, errors } = last
    operations.push({ name, text, usage, modelUsage, cost, session, error: errors?.join() })
  }
  await operation('agent', userQuestion)
  await operation('error', 'Too long.')
  return { items, expected: { operations } }
}
