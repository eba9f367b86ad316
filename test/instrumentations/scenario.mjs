// What the fake models answer, the same in every run, so that one source's numbers can be held against another's.
// Usage is written neutrally: `input` has the cached tokens inside, `output` the reasoning ones.

export const weatherCall = { id: 'call_weather_1', name: 'get_weather', arguments: { city: 'Paris' } }
export const weatherResult = { city: 'Paris', celsius: 18 }

/** The first model call of the agent: it asks for the tool. */
export const callsTool = {
  toolCalls: [weatherCall],
  usage: { input: 250, cacheRead: 100, cacheWrite: 40, output: 30, reasoning: 10 },
}

/** The second model call: the agent's answer. */
export const answers = {
  text: 'It is 18 degrees in Paris.',
  usage: { input: 320, cacheRead: 200, cacheWrite: 0, output: 20, reasoning: 0 },
}

/** The one model call of a sub-agent. */
export const subAgentAnswers = {
  text: 'Mild and dry.',
  usage: { input: 50, cacheRead: 0, cacheWrite: 0, output: 8, reasoning: 0 },
}

export const streams = {
  text: 'Hello from a stream.',
  usage: { input: 40, cacheRead: 16, cacheWrite: 0, output: 12, reasoning: 0 },
}

/** A status that no client tries again. */
export const fails = { error: { status: 400, type: 'invalid_request_error', message: 'The prompt is too long.' } }

export const embedding = { vector: [0.1, 0.2, 0.3], tokens: 7 }

export const userQuestion = 'What is the weather in Paris?'
export const sessionId = 'session-42'
export const userId = 'user-7'

/** The usage of several replies, summed. */
export function sumUsage(...replies) {
  const sum = { input: 0, cacheRead: 0, cacheWrite: 0, output: 0, reasoning: 0 }
  for (const { usage } of replies) for (const key of Object.keys(sum)) sum[key] += usage[key]
  return sum
}
