import type { SpanKind } from '../../schema/values.ts'
import {
  addBelow,
  addSums,
  type Below,
  handedUp,
  isNothing,
  noSums,
  nothingBelow,
  type Sums,
  shareOf,
  type Usage,
} from './usage.ts'
import type { Counted, UsageSpan } from './usage-tree.ts'

/** A span as it is stored, with what was counted of it. */
export interface StoredUsage extends UsageSpan, Counted {}

/** A span that is stored once more, as it is now and as it was. */
export interface ReplacedUsage {
  readonly now: UsageSpan
  readonly before: StoredUsage
}

type Answer<T> = Promise<T> | T

/** What a change of some spans has to look up. Each answers with what is stored before the change. */
export interface UsageSource {
  /** The spans of these ids that are stored; it may answer with ancestors of theirs as well, which saves questions. */
  spans(spanIds: readonly string[]): Answer<readonly StoredUsage[]>
  /** What waits for parents that are not stored, by the parent's id. */
  waiting(parentIds: readonly string[]): Answer<ReadonlyMap<string, Below>>
}

/** What a change of some spans comes to. */
export interface UsageChange {
  /** What counts of the spans of the change, by id. */
  readonly counted: ReadonlyMap<string, Counted>
  /** The stored spans above them that count otherwise now, or have something else under them. */
  readonly ancestors: ReadonlyMap<string, Counted>
  /** What waits for a parent now, by its id; null where nothing does any more. */
  readonly waiting: ReadonlyMap<string, Below | null>
  /** What the sums of the trace grow by. */
  readonly growth: Sums
}

/** A span while its change is worked out. */
interface Node {
  readonly parentId: string | null
  readonly kind: SpanKind
  readonly own: Usage
  /** Whether it is stored and not part of the change. */
  readonly isAncestor: boolean
  /** What counted of it before. */
  readonly shareBefore: Usage
  below: Below
  share: Usage
  /** What its parent was given so far. */
  handed: Below
}

/**
 * Counts the usage of spans that are stored now by what they add to what was counted before. The cost is that of these
 * spans and of the ancestors whose sums change.
 *
 * @param added spans that were not stored
 * @param replaced spans that were, with the same parent and kind
 * @returns undefined where spans turn out to be each other's ancestors: then the whole trace must be counted
 */
export async function changeUsage(
  added: readonly UsageSpan[],
  replaced: readonly ReplacedUsage[],
  source: UsageSource,
): Promise<UsageChange | undefined> {
  const change = new Change(source)
  for (const span of added) change.add(span)
  for (const { now, before } of replaced) change.replace(now, before)
  return change.run(added.map(({ spanId }) => spanId))
}

class Change {
  readonly #source: UsageSource
  readonly #nodes = new Map<string, Node>()
  /** Parents that are known not to be stored. */
  readonly #missing = new Set<string>()
  /** What is handed to parents that have not been looked up. */
  #pending = new Map<string, Below>()
  readonly #waiting = new Map<string, Below | null>()
  /** The ancestors with something else under them than before. */
  readonly #changed = new Set<string>()

  constructor(source: UsageSource) {
    this.#source = source
  }

  add({ spanId, parentId, kind, own }: UsageSpan): void {
    this.#nodes.set(spanId, {
      parentId: parentId === spanId ? null : parentId,
      kind,
      own,
      isAncestor: false,
      shareBefore: noSums,
      below: nothingBelow,
      share: noSums,
      handed: nothingBelow,
    })
  }

  replace(now: UsageSpan, before: StoredUsage): void {
    this.#nodes.set(now.spanId, { ...storedNode(before), own: now.own, isAncestor: false })
  }

  async run(added: readonly string[]): Promise<UsageChange | undefined> {
    const own = [...this.#nodes.keys()]
    const order = childrenFirst(own, this.#nodes)
    if (!order) return undefined
    const bridges = await this.#takeWaiting(added)
    if (await this.#closesCircle(bridges)) return undefined

    let wave: Iterable<string> = order
    // A wave is one level of ancestors: more waves than spans go round in a circle.
    for (let waves = 0; ; waves += 1) {
      if (waves > this.#nodes.size + 1) return undefined
      const next = this.#settle(wave, waves === 0)
      await this.#handPending(next)
      // A span of the change with stored ones under it: it connects them, and may close a circle.
      const connecting = [...next].filter((spanId) => !this.#nodes.get(spanId)?.isAncestor)
      if (await this.#closesCircle(connecting)) return undefined
      if (next.size === 0) break
      wave = next
    }
    await this.#leaveWaiting()
    return {
      counted: this.#counted(own),
      ancestors: this.#counted(this.#changed),
      waiting: this.#waiting,
      growth: this.#growth([...own, ...this.#changed]),
    }
  }

  /** Gives added spans what waits for them; answers with those that have a parent: they connect stored spans. */
  async #takeWaiting(added: readonly string[]): Promise<string[]> {
    if (added.length === 0) return []
    const bridges: string[] = []
    for (const [spanId, below] of await this.#source.waiting(added)) {
      const node = this.#nodes.get(spanId)
      if (!node) continue
      node.below = addBelow(node.below, below)
      this.#waiting.set(spanId, null)
      if (node.parentId !== null) bridges.push(spanId)
    }
    return bridges
  }

  /**
   * Works out spans and hands the differences to their parents; answers with the parents that are to be worked out.
   *
   * @param isFirst whether these are the spans of the change, children first: then their parents among them follow
   */
  #settle(spanIds: Iterable<string>, isFirst: boolean): Set<string> {
    const next = new Set<string>()
    for (const spanId of spanIds) {
      const node = this.#nodes.get(spanId)
      if (!node) continue
      node.share = shareOf(node.kind, node.own, node.below)
      const handed = handedUp(node.kind, node.below, node.share)
      const difference = addBelow(handed, node.handed, -1)
      node.handed = handed
      if (node.parentId === null || isNothing(difference)) continue
      if (!this.#give(node.parentId, difference)) {
        this.#pending.set(node.parentId, addBelow(this.#pending.get(node.parentId) ?? nothingBelow, difference))
      } else if (!isFirst || this.#nodes.get(node.parentId)?.isAncestor) next.add(node.parentId)
    }
    return next
  }

  /** Puts something under a known span; answers with whether it is known. */
  #give(spanId: string, difference: Below): boolean {
    const node = this.#nodes.get(spanId)
    if (!node) return false
    node.below = addBelow(node.below, difference)
    if (node.isAncestor) this.#changed.add(spanId)
    return true
  }

  /** Looks up the parents that differences wait for, and hands them over where the parent is stored. */
  async #handPending(next: Set<string>): Promise<void> {
    await this.#load([...this.#pending.keys()])
    for (const [parentId, difference] of this.#pending) {
      if (!this.#give(parentId, difference)) continue
      this.#pending.delete(parentId)
      next.add(parentId)
    }
  }

  async #load(spanIds: readonly string[]): Promise<void> {
    const wanted = spanIds.filter((spanId) => !this.#nodes.has(spanId) && !this.#missing.has(spanId))
    if (wanted.length === 0) return
    for (const stored of await this.#source.spans(wanted)) {
      if (!this.#nodes.has(stored.spanId)) this.#nodes.set(stored.spanId, storedNode(stored))
    }
    for (const spanId of wanted) if (!this.#nodes.has(spanId)) this.#missing.add(spanId)
  }

  /** Whether a span that connects stored ones has become its own ancestor. */
  async #closesCircle(bridges: readonly string[]): Promise<boolean> {
    const done = new Set<string>()
    for (const bridge of bridges) {
      const path = new Set<string>()
      let spanId: string | null = bridge
      while (spanId !== null && !done.has(spanId)) {
        if (path.has(spanId)) return true
        path.add(spanId)
        await this.#load([spanId])
        spanId = this.#nodes.get(spanId)?.parentId ?? null
      }
      for (const id of path) done.add(id)
    }
    return false
  }

  /** Adds what is handed to parents that are not stored to what waits for them already. */
  async #leaveWaiting(): Promise<void> {
    if (this.#pending.size === 0) return
    const before = await this.#source.waiting([...this.#pending.keys()])
    for (const [parentId, difference] of this.#pending) {
      const sum = addBelow(before.get(parentId) ?? nothingBelow, difference)
      this.#waiting.set(parentId, isNothing(sum) ? null : sum)
    }
  }

  #counted(spanIds: Iterable<string>): Map<string, Counted> {
    const counted = new Map<string, Counted>()
    for (const spanId of spanIds) {
      const node = this.#nodes.get(spanId)
      if (node) counted.set(spanId, { share: node.share, below: node.below })
    }
    return counted
  }

  #growth(spanIds: readonly string[]): Sums {
    let growth = noSums
    for (const spanId of spanIds) {
      const node = this.#nodes.get(spanId)
      if (node) growth = addSums(addSums(growth, node.share), node.shareBefore, -1)
    }
    return growth
  }
}

const storedNode = ({ spanId, parentId, kind, own, below, share }: StoredUsage): Node => ({
  parentId: parentId === spanId ? null : parentId,
  kind,
  own,
  isAncestor: true,
  shareBefore: share,
  below,
  share,
  handed: handedUp(kind, below, share),
})

/** The spans of a change, children before parents; undefined where they are each other's ancestors. */
function childrenFirst(spanIds: readonly string[], nodes: ReadonlyMap<string, Node>): string[] | undefined {
  const open = new Map<string, number>()
  const parentOf = (spanId: string) => {
    const parentId = nodes.get(spanId)?.parentId ?? null
    return parentId !== null && nodes.has(parentId) ? parentId : null
  }
  for (const spanId of spanIds) {
    const parentId = parentOf(spanId)
    if (parentId !== null) open.set(parentId, (open.get(parentId) ?? 0) + 1)
  }
  const order = spanIds.filter((spanId) => !open.has(spanId))
  // The list grows while it is walked.
  for (const spanId of order) {
    const parentId = parentOf(spanId)
    if (parentId === null) continue
    const left = (open.get(parentId) ?? 0) - 1
    open.set(parentId, left)
    if (left === 0) order.push(parentId)
  }
  return order.length === spanIds.length ? order : undefined
}
