import type { SpanRow } from '../../../../schema/tables.ts'
import { eachToken, type TokenColumn } from '../../../../schema/tokens.ts'
import { maxTokens } from '../../../rows/limits.ts'
import type { Counts } from './profile.ts'

/** The token columns of a span. */
export type TokenColumns = Pick<SpanRow, TokenColumn>

/** For spans that only repeat what the spans inside them report. */
export const noTokens: TokenColumns = eachToken(() => null)

/** What a span reports of its tokens, and the provider's own input where its metadata has it. */
export interface ReportedTokens extends TokenColumns {
  readonly uncachedInputTokens: number | null
}

/**
 * The token columns, counted as OpenTelemetry does: cached tokens are part of input, reasoning tokens part of output.
 * Whether the reported input has the cached tokens in it is decided by the first of:
 *
 * 1. the provider's own input: where the reported one equals it, cached tokens are apart;
 * 2. more tokens were cached than there was input: they are apart;
 * 3. a total that adds up in one way only, where the instrumentation is unknown or its totals are the provider's;
 * 4. how the instrumentation counts; an unknown one counts as OpenTelemetry does.
 *
 * Reasoning and output likewise. The total is the reported one, and never less than input and output together.
 */
export function tokenColumns(
  reported: ReportedTokens,
  counts: Counts | undefined,
  provider: string | null,
): TokenColumns {
  const { outputTokens: output, cacheReadTokens, cacheCreationTokens, reasoningTokens, uncachedInputTokens } = reported
  const cached = (cacheReadTokens ?? 0) + (cacheCreationTokens ?? 0)
  const reasoning = reasoningTokens ?? 0
  const input = reported.inputTokens
  const decided = apartByTotal(input, output, reported.totalTokens, cached, reasoning, counts)
  const isCachedApart =
    cached > 0 &&
    input !== null &&
    (apartByProvider(input, uncachedInputTokens, cached) ??
      (cached > input || (decided?.cached ?? cachedApartAsCounted(counts, provider))))
  const isReasoningApart =
    reasoning > 0 &&
    output !== null &&
    (reasoning > output || (decided?.reasoning ?? counts?.reasoningInOutput === false))
  const inputTokens = input === null ? null : sum(input, isCachedApart ? cached : 0)
  const outputTokens = output === null ? null : sum(output, isReasoningApart ? reasoning : 0)
  return {
    inputTokens,
    outputTokens,
    totalTokens: total(reported.totalTokens, inputTokens, outputTokens),
    cacheReadTokens,
    cacheCreationTokens,
    reasoningTokens,
  }
}

/** A sum that no column could hold is none. */
const sum = (a: number, b: number): number | null => (a + b <= maxTokens ? a + b : null)

function total(reported: number | null, input: number | null, output: number | null): number | null {
  const both = input === null && output === null ? null : sum(input ?? 0, output ?? 0)
  return reported === null || both === null ? (reported ?? both) : Math.max(reported, both)
}

/** Undefined where the provider's metadata does not show it. */
function apartByProvider(input: number, uncached: number | null, cached: number): boolean | undefined {
  if (uncached === null) return undefined
  if (input === uncached) return true
  return input === uncached + cached ? false : undefined
}

function cachedApartAsCounted(counts: Counts | undefined, provider: string | null): boolean {
  if (counts === undefined) return false
  return !counts.cachedInInput || (provider !== null && (counts.cachedApartFor?.test(provider) ?? false))
}

/** What a total shows to be apart; undefined where it shows nothing, or may not decide. */
function apartByTotal(
  input: number | null,
  output: number | null,
  reported: number | null,
  cached: number,
  reasoning: number,
  counts: Counts | undefined,
): { cached: boolean; reasoning: boolean } | undefined {
  if (input === null || output === null || reported === null) return undefined
  if (counts !== undefined && counts.totalDecides !== true) return undefined
  const beyond = reported - input - output
  if (beyond === 0) return { cached: false, reasoning: false }
  if (beyond === cached + reasoning) return { cached: cached > 0, reasoning: reasoning > 0 }
  if (cached === reasoning) return undefined
  if (beyond === cached) return { cached: true, reasoning: false }
  return beyond === reasoning ? { cached: false, reasoning: true } : undefined
}
