import type { SpanKind } from '../../schema/values.ts'

/**
 * What spans report of usage, by measure and in this order. `calls` is 1 for a model call. Costs are whole
 * nano-dollars, so that sums do not depend on the order of the spans.
 */
export const measures = [
  'input',
  'output',
  'total',
  'cacheRead',
  'cacheCreation',
  'reasoning',
  'cost',
  'calls',
] as const
export type Measure = (typeof measures)[number]

/** A number for each measure, in the order of `measures`; null where nothing is reported. */
export type Usage = readonly (number | null)[]

/** A sum for each measure, in the order of `measures`. */
export type Sums = readonly number[]

/**
 * What the children of a span hand up to it. `near` is the usage that the span may repeat. `far` lies behind a tool, an
 * MCP call or an agent: a model call never repeats it, a wrapper may.
 */
export interface Below {
  readonly near: Sums
  readonly far: Sums
}

const [input, output, total, cacheRead, cacheCreation, reasoning] = measures.keys() as Iterable<number> as unknown as [
  number,
  number,
  number,
  number,
  number,
  number,
]

export const noSums: Sums = measures.map(() => 0)
/** Nothing reported. Most spans share it: what is added of it costs nothing. */
export const noUsage: Usage = measures.map(() => null)
export const nothingBelow: Below = { near: noSums, far: noSums }

const modelCalls: ReadonlySet<SpanKind> = new Set<SpanKind>(['llm', 'embedding', 'rerank'])
const boundaries: ReadonlySet<SpanKind> = new Set<SpanKind>(['tool', 'mcp', 'agent'])

/** A part of input or of output: its sum in a sub-tree never exceeds the sum of what it is part of. */
const parts = [
  { part: cacheRead, whole: input },
  { part: cacheCreation, whole: input },
  { part: reasoning, whole: output },
] as const

/** Whether all that a span reports counts where nothing is below it. */
function addsUp(own: Usage): boolean {
  const [inputs, outputs, totals] = [own[input] ?? 0, own[output] ?? 0, own[total] ?? null]
  for (const { part, whole } of parts) if ((own[part] ?? 0) > (own[whole] ?? 0)) return false
  return totals === null || totals >= inputs + outputs
}

/**
 * The part of a span's own usage that counts: what its children did not report already.
 *
 * @returns null for a measure that the span does not report
 */
export function shareOf(kind: SpanKind, own: Usage, { near, far }: Below): Usage {
  if (own === noUsage) return noUsage
  if (near === noSums && far === noSums && addsUp(own)) return own
  const isModelCall = modelCalls.has(kind)
  const covered = (measure: number) => (near[measure] ?? 0) + (isModelCall ? 0 : (far[measure] ?? 0))
  const below = (measure: number) => (near[measure] ?? 0) + (far[measure] ?? 0)
  const share = own.map((reported, measure) => (reported === null ? null : Math.max(0, reported - covered(measure))))
  const [ownTotal = null] = [own[total]]
  if (ownTotal !== null) {
    share[total] = Math.max((share[input] ?? 0) + (share[output] ?? 0), ownTotal - covered(total), 0)
  }
  for (const { part, whole } of parts) {
    const room = below(whole) + (share[whole] ?? 0) - below(part)
    const counted = share[part] ?? null
    if (counted !== null) share[part] = Math.max(0, Math.min(counted, room))
  }
  return share
}

/** What a span hands up to its parent. */
export function handedUp(kind: SpanKind, below: Below, share: Usage): Below {
  if (share === noUsage && below === nothingBelow) return nothingBelow
  const { near, far } = below
  if (boundaries.has(kind)) return { near: noSums, far: addSums(addSums(far, near), share) }
  return { near: addSums(near, share), far }
}

/** What is handed up, while it is being added up. */
export interface Sum {
  readonly near: number[]
  readonly far: number[]
}

export const emptySum = (): Sum => ({ near: [...noSums], far: [...noSums] })

/** Adds what a span hands up to a sum: the same as `handedUp`, without an object for each span. */
export function handUpInto(sum: Sum, kind: SpanKind, below: Below, share: Usage): void {
  const nearTo = boundaries.has(kind) ? sum.far : sum.near
  if (share !== noUsage) addInto(nearTo, share)
  if (below === nothingBelow) return
  addInto(nearTo, below.near)
  addInto(sum.far, below.far)
}

/** Adds `factor * b` to `sums`, measure by measure. */
export function addInto(sums: number[], b: Usage, factor = 1): void {
  if (b === noSums || b === noUsage) return
  for (let measure = 0; measure < sums.length; measure += 1) {
    sums[measure] = (sums[measure] as number) + factor * (b[measure] ?? 0)
  }
}

/** `a + factor * b`, measure by measure. */
export function addSums(a: Sums, b: Usage, factor = 1): Sums {
  if (b === noSums || b === noUsage) return a
  const sums: number[] = []
  for (let measure = 0; measure < a.length; measure += 1) {
    sums.push((a[measure] as number) + factor * (b[measure] ?? 0))
  }
  return sums
}

/** `a + factor * b`, for both parts. */
export function addBelow(a: Below, b: Below, factor = 1): Below {
  if (b === nothingBelow) return a
  return { near: addSums(a.near, b.near, factor), far: addSums(a.far, b.far, factor) }
}

/** Whether all of it is 0 or not reported. */
export function isZero(sums: Usage): boolean {
  for (const value of sums) if (value) return false
  return true
}

/** Whether nothing is handed up. */
export const isNothing = (below: Below): boolean => below === nothingBelow || (isZero(below.near) && isZero(below.far))
