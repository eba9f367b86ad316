import { describe, expect, test } from 'vitest'
import type { Json } from '../../../schema/values.ts'
import { messagesOf } from '../../../src/formats/messages/messages-of.ts'
import { normalizeMessages } from '../../../src/formats/messages/normalize.ts'
import { fixtures } from '../profiles/fixtures.ts'
import { readFixture } from '../profiles/read-fixture.ts'

const user = (content: string) => ({ role: 'user', parts: [{ type: 'text', content }] })
const assistant = (content: string) => ({ role: 'assistant', parts: [{ type: 'text', content }] })
const call = (args: Json = { city: 'Oslo' }, id: string | null = 'c1') => ({
  role: 'assistant',
  parts: [{ type: 'tool_call', id, name: 'weather', arguments: args }],
})
const answer = (response: Json, name?: string) => ({
  role: 'tool',
  parts: [{ type: 'tool_call_response', id: 'c1', ...(name && { name }), response }],
})

describe('messages of', () => {
  test.each<[shape: string, value: Json, expected: unknown[]]>([
    ['a text', 'hi', [user('hi')]],
    ['text that looks like JSON', '[not json', [user('[not json')]],
    [
      "OpenAI's chat",
      {
        messages: [
          { role: 'developer', content: 'be kind' },
          { role: 'user', content: [{ type: 'text', text: 'hi' }] },
          {
            role: 'assistant',
            content: null,
            tool_calls: [{ id: 'c1', type: 'function', function: { name: 'weather', arguments: '{"city":"Oslo"}' } }],
          },
          { role: 'tool', tool_call_id: 'c1', content: '{"rain":true}' },
        ],
      },
      [{ role: 'system', parts: [{ type: 'text', content: 'be kind' }] }, user('hi'), call(), answer({ rain: true })],
    ],
    [
      "OpenAI's responses",
      {
        instructions: 'be kind',
        input: [
          { role: 'user', content: [{ type: 'input_text', text: 'hi' }] },
          { type: 'function_call', call_id: 'c1', name: 'weather', arguments: '{"city":"Oslo"}' },
        ],
      },
      [{ role: 'system', parts: [{ type: 'text', content: 'be kind' }] }, user('hi'), call()],
    ],
    [
      'Anthropic',
      {
        system: 'be kind',
        messages: [
          { role: 'user', content: 'hi' },
          {
            role: 'assistant',
            content: [
              { type: 'thinking', thinking: 'hm' },
              { type: 'tool_use', id: 'c1', name: 'weather', input: { city: 'Oslo' } },
            ],
          },
          { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'c1', content: 'rain' }] },
        ],
      },
      [
        { role: 'system', parts: [{ type: 'text', content: 'be kind' }] },
        user('hi'),
        { role: 'assistant', parts: [{ type: 'reasoning', content: 'hm' }, ...call().parts] },
        { ...answer('rain'), role: 'user' },
      ],
    ],
    [
      'Gemini',
      {
        config: { system_instruction: 'be kind' },
        contents: [
          { role: 'user', parts: [{ text: 'hi' }] },
          {
            role: 'model',
            parts: [
              { text: 'hm', thought: true },
              { functionCall: { id: 'c1', name: 'weather', args: { city: 'Oslo' } } },
            ],
          },
        ],
      },
      [
        { role: 'system', parts: [{ type: 'text', content: 'be kind' }] },
        user('hi'),
        { role: 'assistant', parts: [{ type: 'reasoning', content: 'hm' }, ...call().parts] },
      ],
    ],
    [
      'the AI SDK',
      [
        { role: 'user', content: 'hi' },
        {
          role: 'assistant',
          content: [{ type: 'tool-call', toolCallId: 'c1', toolName: 'weather', input: { city: 'Oslo' } }],
        },
        {
          role: 'tool',
          content: [{ type: 'tool-result', toolCallId: 'c1', toolName: 'weather', output: { rain: true } }],
        },
      ],
      [user('hi'), call(), answer({ rain: true }, 'weather')],
    ],
    [
      'Bedrock',
      [
        { role: 'user', content: [{ text: 'hi' }] },
        { role: 'assistant', content: [{ toolUse: { toolUseId: 'c1', name: 'weather', input: { city: 'Oslo' } } }] },
        { role: 'tool', content: [{ toolResult: { toolUseId: 'c1', content: 'rain' } }] },
      ],
      [user('hi'), call(), answer('rain')],
    ],
    [
      'LangChain',
      {
        messages: [
          [
            {
              lc: 1,
              type: 'constructor',
              id: ['langchain_core', 'messages', 'HumanMessage'],
              kwargs: { content: 'hi' },
            },
            { type: 'ai', content: '', tool_calls: [{ id: 'c1', name: 'weather', args: { city: 'Oslo' } }] },
          ],
        ],
      },
      [user('hi'), call()],
    ],
    [
      'OpenTelemetry',
      [
        { role: 'user', parts: [{ type: 'text', content: 'hi' }] },
        {
          role: 'assistant',
          parts: [{ type: 'tool_call', id: 'c1', name: 'weather', arguments: { city: 'Oslo' } }],
          finish_reason: 'tool_call',
        },
        { role: 'tool', parts: [{ type: 'tool_call_response', id: 'c1', response: 'rain' }] },
      ],
      [user('hi'), { ...call(), finish_reason: 'tool_call' }, answer('rain')],
    ],
    [
      'Pydantic AI',
      [
        { kind: 'request', parts: [{ part_kind: 'user-prompt', content: 'hi' }] },
        {
          kind: 'response',
          parts: [{ part_kind: 'tool-call', tool_call_id: 'c1', tool_name: 'weather', args: '{"city":"Oslo"}' }],
        },
      ],
      [user('hi'), call()],
    ],
    [
      'a file',
      [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://a.example/x.png' } }] }],
      [
        {
          role: 'user',
          parts: [{ type: 'uri', modality: 'image', mime_type: null, content: 'https://a.example/x.png' }],
        },
      ],
    ],
    ['an unknown object', { a: 1 }, [{ role: 'user', parts: [{ type: 'data', content: { a: 1 } }] }]],
  ])('%s', (_, value, expected) => {
    expect(normalizeMessages(value, 'user')).toEqual(expected)
    expect(normalizeMessages(JSON.stringify(value), 'user')).toEqual(
      typeof value === 'string' ? expected : normalizeMessages(value, 'user'),
    )
  })

  test.each<[shape: string, value: Json, expected: unknown]>([
    [
      "OpenAI's chat",
      { choices: [{ message: { role: 'assistant', content: 'hello' }, finish_reason: 'stop' }] },
      { ...assistant('hello'), finish_reason: 'stop' },
    ],
    [
      "OpenAI's responses",
      { output: [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'hello' }] }] },
      assistant('hello'),
    ],
    [
      'Anthropic',
      { role: 'assistant', content: [{ type: 'text', text: 'hello' }], stop_reason: 'end_turn' },
      { ...assistant('hello'), finish_reason: 'end_turn' },
    ],
    [
      'Gemini',
      { candidates: [{ content: { role: 'model', parts: [{ text: 'hello' }] }, finishReason: 'STOP' }] },
      { ...assistant('hello'), finish_reason: 'STOP' },
    ],
    [
      'LangChain',
      { generations: [[{ text: 'hello', message: { type: 'AIMessage', content: 'hello' } }]] },
      assistant('hello'),
    ],
    [
      'Genkit',
      { message: { role: 'model', content: [{ text: 'hello' }] }, finishReason: 'stop' },
      { ...assistant('hello'), finish_reason: 'stop' },
    ],
  ])('an answer of %s', (_, value, expected) => {
    expect(normalizeMessages(value, 'assistant')).toEqual([expected])
  })
})

describe('messages of a span', () => {
  const of = (title: string) => {
    const fixture = fixtures.find((each) => each.title.startsWith(title))
    if (fixture === undefined) throw new Error(`no fixture ${title}`)
    const { span, events } = readFixture(fixture)
    return messagesOf(span, { events: events.map(({ name, attributes = {} }) => ({ name, attributes })) })
  }

  test('from numbered attributes', () => {
    expect(of('OpenInference: numbered messages')).toEqual({
      input: [user('name a bird')],
      output: [{ ...assistant('A wren.'), finish_reason: 'length' }],
    })
    expect(of('OpenLLMetry: numbered messages').output).toEqual([
      {
        role: 'assistant',
        parts: [{ type: 'tool_call', id: 'c1', name: 'rivers', arguments: { country: 'NO' } }],
        finish_reason: 'tool_calls',
      },
    ])
  })

  test('from the text, the thoughts and the tool calls of one answer', () => {
    expect(of('AI SDK 6').output).toEqual([
      {
        role: 'assistant',
        parts: [
          { type: 'text', content: 'One moment.' },
          { type: 'reasoning', content: 'look it up' },
          { type: 'tool_call', id: 'c1', name: 'find', arguments: { q: 'x' } },
        ],
      },
    ])
  })

  test('with instructions before the messages', () => {
    const expected = [{ role: 'system', parts: [{ type: 'text', content: 'be kind' }] }, user('hello')]
    expect(of('OpenTelemetry: instructions apart').input).toEqual(expected)
  })

  test('from events', () => {
    expect(of('Semantic Kernel')).toEqual({
      input: [{ role: 'system', parts: [{ type: 'text', content: 'be brief' }] }, user('capital of Chile?')],
      output: [assistant('Santiago.')],
    })
    expect(of('OpenTelemetry: content in the event')).toEqual({
      input: [{ role: 'system', parts: [{ type: 'text', content: 'be terse' }] }, user('a tree')],
      output: [assistant('oak')],
    })
  })

  test('from log records', () => {
    const logs = [
      { eventName: 'gen_ai.user.message', attributes: {}, body: { content: 'hi' } },
      {
        eventName: null,
        attributes: { 'event.name': 'gen_ai.choice' },
        body: { message: { content: 'hello' }, finish_reason: 'stop' },
      },
    ]
    expect(messagesOf({ kind: 'llm' }, { logs })).toEqual({
      input: [user('hi')],
      output: [{ ...assistant('hello'), finish_reason: 'stop' }],
    })
  })

  test('of a tool are its call and its answer', () => {
    expect(
      messagesOf({ kind: 'tool', toolName: 'weather', toolCallId: 'c1', input: '{"city":"Oslo"}', output: 'rain' }),
    ).toEqual({
      input: [call()],
      output: [answer('rain', 'weather')],
    })
  })
})
