import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { spanKinds } from '../../schema/values.ts'
import { addSums, type Below, noSums, type Sums, type Usage } from '../../src/fold/usage.ts'
import { changeUsage, type ReplacedUsage, type StoredUsage } from '../../src/fold/usage-change.ts'
import { countedIn, countUsage, type UsageSpan } from '../../src/fold/usage-tree.ts'

const amount = fc.option(fc.constantFrom(0, 1, 5, 10, 25, 100), { nil: null })
const kinds = fc.constantFrom(...spanKinds)
const usage: fc.Arbitrary<Usage> = fc
  .tuple(amount, amount, amount, amount, amount, amount, amount)
  .map((own) => [...own, null])
const quiet: fc.Arbitrary<Usage> = fc.constant([null, null, null, null, null, null, null, null])

/** A store of what was counted, in memory. */
class Stored {
  readonly spans = new Map<string, StoredUsage>()
  waiting = new Map<string, Below>()
  sums: Sums = noSums
  hasCircle = false

  async write(batch: readonly UsageSpan[]): Promise<void> {
    const added = batch.filter(({ spanId }) => !this.spans.has(spanId))
    const replaced: ReplacedUsage[] = batch.flatMap((now) => {
      const before = this.spans.get(now.spanId)
      return before ? [{ now, before }] : []
    })
    const isSame = replaced.every(({ now, before }) => now.parentId === before.parentId && now.kind === before.kind)
    const change =
      isSame && !this.hasCircle
        ? await changeUsage(added, replaced, {
            spans: (ids) => ids.flatMap((id) => this.spans.get(id) ?? []),
            waiting: (ids) =>
              new Map(ids.flatMap((id) => (this.waiting.has(id) ? [[id, this.waiting.get(id) as Below]] : []))),
          })
        : undefined
    if (!change) return this.#recount(batch)
    for (const span of batch)
      this.spans.set(span.spanId, { ...span, ...(change.counted.get(span.spanId) as StoredUsage) })
    for (const [id, counted] of change.ancestors)
      this.spans.set(id, { ...(this.spans.get(id) as StoredUsage), ...counted })
    for (const [id, below] of change.waiting) below ? this.waiting.set(id, below) : this.waiting.delete(id)
    this.sums = addSums(this.sums, change.growth)
  }

  #recount(batch: readonly UsageSpan[]): void {
    const all = new Map<string, UsageSpan>([...this.spans, ...batch.map((span) => [span.spanId, span] as const)])
    const tree = countUsage([...all.values()])
    this.sums = noSums
    for (const [id, span] of all) {
      const counted = countedIn(tree.counted, id, span.own)
      this.spans.set(id, { ...span, ...counted })
      this.sums = addSums(this.sums, counted.share)
    }
    this.waiting = new Map(
      [...tree.waiting].filter(([, { near, far }]) => [...near, ...far].some((value) => value !== 0)),
    )
    this.hasCircle = tree.hasCircle
  }
}

const plain = ({ spanId, parentId, kind, own, share, below }: StoredUsage) => ({
  spanId,
  parentId,
  kind,
  own,
  share,
  below,
})

async function agrees(batches: readonly (readonly UsageSpan[])[]): Promise<boolean> {
  const stored = new Stored()
  const last = new Map<string, UsageSpan>()
  let changed = 0
  for (const batch of batches) {
    const distinct = [...new Map(batch.map((span) => [span.spanId, span])).values()]
    for (const span of distinct) last.set(span.spanId, span)
    await stored.write(distinct)
    const tree = countUsage([...last.values()])
    if (!tree.hasCircle) changed += 1
    const expected = [...last.values()].map((span) => ({ ...span, ...countedIn(tree.counted, span.spanId, span.own) }))
    const byId = (a: { spanId: string }, b: { spanId: string }) => (a.spanId < b.spanId ? -1 : 1)
    expect([...stored.spans.values()].map(plain).sort(byId)).toEqual(expected.map(plain).sort(byId))
    expect(stored.sums).toEqual(expected.reduce((sums, { share }) => addSums(sums, share), noSums))
    expect(new Map([...stored.waiting].sort())).toEqual(
      new Map([...tree.waiting].filter(([, { near, far }]) => [...near, ...far].some((value) => value !== 0)).sort()),
    )
  }
  return changed > 0
}

describe('the usage of changed spans', () => {
  test('equals that of the whole trace, in any order of batches, with circles, replaced spans and missing parents', async () => {
    const ids = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h')
    const span = fc.record({
      spanId: ids,
      parentId: fc.option(fc.oneof({ weight: 9, arbitrary: ids }, fc.constant('nowhere')), { nil: null }),
      kind: kinds,
      own: fc.oneof(usage, quiet),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(span, { minLength: 1, maxLength: 4 }), { maxLength: 8 }), async (batches) => {
        await agrees(batches)
      }),
      { numRuns: 1000 },
    )
  })

  test('equals that of the whole trace for trees that come in any order, spans first running and then complete', async () => {
    const tree = fc.integer({ min: 1, max: 24 }).chain((size) =>
      fc.record({
        parents: fc.tuple(...Array.from({ length: size }, (_, n) => fc.integer({ min: -1, max: n - 1 }))),
        kinds: fc.array(kinds, { minLength: size, maxLength: size }),
        owns: fc.array(fc.oneof(usage, quiet), { minLength: size, maxLength: size }),
        order: fc.shuffledSubarray([...Array(size * 2).keys()], { minLength: size * 2 }),
        cut: fc.integer({ min: 1, max: 9 }),
      }),
    )
    await fc.assert(
      fc.asyncProperty(tree, async ({ parents, kinds, owns, order, cut }) => {
        const size = parents.length
        const spans = parents.map(
          (parent, n): UsageSpan => ({
            spanId: `s${n}`,
            parentId: parent < 0 ? null : `s${parent}`,
            kind: kinds[n] ?? 'other',
            own: owns[n] ?? noSums,
          }),
        )
        // Each span comes twice: the lower place is its start, without usage.
        const seen = new Set<number>()
        const events = order.map((place) => {
          const n = place % size
          const span = spans[n] as UsageSpan
          const isFirst = !seen.has(n)
          seen.add(n)
          return isFirst ? { ...span, own: noSums.map(() => null) } : span
        })
        const batches = []
        for (let at = 0; at < events.length; at += cut) batches.push(events.slice(at, at + cut))
        await agrees(batches)
      }),
      { numRuns: 500 },
    )
  })
})
