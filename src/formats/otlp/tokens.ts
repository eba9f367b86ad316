import type { SpanRow } from '../../../schema/tables.ts'
import { eachToken, type TokenColumn } from '../../../schema/tokens.ts'
import type { JsonObject } from '../../../schema/values.ts'
import { maxTokens } from '../../rows/limits.ts'
import { readColumn, readText, readTokens } from './read-column.ts'

/** The token columns of a span. */
export type TokenColumns = Pick<SpanRow, TokenColumn>

/** For spans that repeat the usage of the spans inside them. */
export const noTokens: TokenColumns = eachToken(() => null)

/**
 * The token columns from a span's attributes, counted as OpenTelemetry does: cached tokens are part of input, reasoning
 * tokens part of output. Anthropic counts cached tokens apart from input, and some instrumentations pass that on. Such
 * counts are converted if any of these holds:
 *
 * 1. more tokens were cached than there was input;
 * 2. the reported total is input + output + cached, and not input + output;
 * 3. the AI SDK before version 6 reports a model of Anthropic or Bedrock (version 6 counts as OpenTelemetry does).
 *
 * All others count as OpenTelemetry's. The first two rules apply to reasoning apart from output as well. The total is
 * the reported one; the attributes keep what was reported.
 */
export function readTokenColumns(attributes: JsonObject, provider: string | null): TokenColumns {
  const input = readColumn(attributes, 'inputTokens', readTokens)
  const output = readColumn(attributes, 'outputTokens', readTokens)
  const reported = readColumn(attributes, 'totalTokens', readTokens)
  const cacheReadTokens = readColumn(attributes, 'cacheReadTokens', readTokens)
  const cacheCreationTokens = readColumn(attributes, 'cacheCreationTokens', readTokens)
  const reasoningTokens = readColumn(attributes, 'reasoningTokens', readTokens)

  const cached = (cacheReadTokens ?? 0) + (cacheCreationTokens ?? 0)
  const reasoning = reasoningTokens ?? 0
  const beyond = reported === null || input === null || output === null ? 0 : reported - input - output
  const apart = (part: number, whole: number | null) =>
    part > (whole ?? part) || beyond === cached + reasoning || (beyond === part && cached !== reasoning)

  const cachedApart = apart(cached, input) || cacheLeftOut(attributes, provider)
  const inputTokens = input === null ? null : sum(input, cachedApart ? cached : 0)
  const outputTokens = output === null ? null : sum(output, apart(reasoning, output) ? reasoning : 0)
  const both = inputTokens === null && outputTokens === null ? null : sum(inputTokens ?? 0, outputTokens ?? 0)
  const totalTokens = reported ?? both
  return { inputTokens, outputTokens, totalTokens, cacheReadTokens, cacheCreationTokens, reasoningTokens }
}

/** The sum, or null where no column holds it. */
function sum(a: number, b: number): number | null {
  return a + b <= maxTokens ? a + b : null
}

function cacheLeftOut(attributes: JsonObject, provider: string | null): boolean {
  if (provider === null || !/anthropic|bedrock/i.test(provider)) return false
  const version = /^ai\/(\d+)\./.exec(readText(attributes['ai.request.headers.user-agent']) ?? '')
  return version !== null && Number(version[1]) < 6
}
