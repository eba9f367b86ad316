import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { profileChoice } from '../../../src/formats/otlp/profiles/choose.ts'
import { normalizeProvider } from '../../../src/formats/otlp/profiles/provider.ts'
import { attributesReference } from '../../../src/formats/otlp/profiles/reference.ts'
import { profiles } from '../../../src/formats/otlp/profiles/registry.ts'
import { readOtlp } from '../../../src/formats/otlp/read.ts'
import { writeOtlp } from '../../../src/formats/otlp/write.ts'
import { canonicalOtlp } from '../canonical-otlp.ts'
import { storedEvents, storedSpans } from '../stored-rows.ts'
import { fixtures } from './fixtures.ts'
import { readFixture, requestOf } from './read-fixture.ts'

const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value ?? ''))

describe('a span in the shape of', () => {
  test.each(fixtures)('$title', (fixture) => {
    const { span, traces } = readFixture(fixture)
    expect(span).toMatchObject(fixture.columns)
    for (const each of fixture.input ?? []) expect(text(span.input)).toContain(each)
    for (const each of fixture.output ?? []) expect(text(span.output)).toContain(each)
    expect(traces).toEqual(fixture.trace === undefined ? [] : [{ traceId: span.traceId, ...fixture.trace }])
  })
})

test.each(fixtures)('$title: exported as it came', (fixture) => {
  const request = requestOf(fixture)
  const { spans, events } = readOtlp(request)
  expect(canonicalOtlp(writeOtlp(storedSpans(spans), storedEvents(events)))).toEqual(canonicalOtlp(request))
})

describe('profiles', () => {
  test('all have a fixture that they read', () => {
    const read = new Set(fixtures.map((fixture) => readFixture(fixture).span.reader))
    for (const { name, version } of profiles) expect(read).toContain(`${name}@${version}`)
  })

  test('have names of their own', () => {
    expect(new Set(profiles.map(({ name }) => name)).size).toBe(profiles.length)
  })

  test('are chosen by the scope before the signature', () => {
    const attributes = { 'openinference.span.kind': 'LLM' }
    const name = (scope: string | undefined, given = attributes) =>
      profileChoice.choose(scope === undefined ? null : { name: scope }, given).profile.name
    expect(name('langfuse-sdk')).toBe('langfuse')
    expect(name('my-app')).toBe('openinference')
    expect(name(undefined)).toBe('openinference')
    expect(profileChoice.choose(null, { 'http.route': '/' }).profile.name).toBe('generic')
  })

  test('read a bare name only where it is at home', () => {
    const attributes = { model: 'm', input_tokens: 5, tool_name: 't' }
    expect(readFixture({ title: '', source: '', scope: 'shop', attributes, columns: {} }).span).toMatchObject({
      kind: 'other',
      model: null,
      inputTokens: null,
      toolName: null,
    })
  })

  test('tell what looks like a column and was not read', () => {
    const { readings } = readFixture({
      title: '',
      source: '',
      scope: 'new-sdk',
      version: '3.0',
      attributes: { 'new.usage.input': 5, 'new.sessionId': 's', 'new.color': 'red', 'gen_ai.request.max_tokens': 9 },
      columns: {},
    })
    expect([...(readings?.values() ?? [])]).toEqual([
      { scope: 'new-sdk 3.0', reader: 'generic@1', spans: 1, unread: new Set(['new.usage.input', 'new.sessionId']) },
    ])
  })

  test('are on the page of attributes', () => {
    const page = readFileSync(new URL('../../../docs/attributes.md', import.meta.url), 'utf8')
    expect(page, 'run: npm run generate:attributes').toBe(attributesReference())
  })
})

test.each([
  ['OpenAI', 'openai'],
  ['openai.chat', 'openai'],
  ['openai.responses', 'openai'],
  ['anthropic.messages', 'anthropic'],
  ['amazon-bedrock', 'aws.bedrock'],
  ['google.generative-ai', 'gcp.gemini'],
  ['az.ai.openai', 'azure.ai.openai'],
  ['azure.ai.openai', 'azure.ai.openai'],
  ['mistral.chat', 'mistral_ai'],
  ['own', 'own'],
])('the provider %s is %s', (given, expected) => {
  expect(normalizeProvider(given)).toBe(expected)
})
