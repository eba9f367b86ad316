import { microsFromIso } from '../../schema/time.ts'
import type { SpanKind } from '../../schema/values.ts'
import type { SpanWithEvents } from '../repositories/trace-rows.ts'
import { formatDollars, formatDuration, formatTokens } from './format.ts'
import type { Colors } from './io.ts'
import { printable } from './printable.ts'
import { flattenTree, type TreeNode } from './span-tree.ts'
import { cut, toWidth, widthOf } from './text-width.ts'
import { timeBar } from './time-bar.ts'

type Node = TreeNode<SpanWithEvents>

/** How a waterfall is drawn. */
export interface WaterfallOptions {
  /** Columns of the terminal. */
  readonly width: number
  readonly colors: Colors
}

const gap = '  '
/** The least width of bars. On a narrower terminal the lines are longer than it is wide. */
const narrowestBar = 12

/** The figures at the end of a line, each shown where any span has it. */
const figures = [
  {
    title: 'duration',
    text: ({ durationMs }: SpanWithEvents) => (durationMs === null ? '' : formatDuration(durationMs)),
  },
  { title: 'tokens', text: (span: SpanWithEvents) => (span.totalTokens === null ? '' : formatTokens(span)) },
  { title: 'cost', text: ({ costUsd }: SpanWithEvents) => (costUsd === null ? '' : formatDollars(costUsd)) },
]

/** The lines of a waterfall, one per span: its branch of the tree, its bar in time, and its usage. */
export function renderWaterfall(spans: readonly SpanWithEvents[], { width, colors }: WaterfallOptions): string[] {
  const nodes = flattenTree(spans)
  const timeline = timelineOf(spans)
  const columns = figures.flatMap(({ title, text }) => {
    const widest = spans.reduce((most, span) => Math.max(most, widthOf(text(span))), 0)
    return widest > 0 ? [{ title, text, width: Math.max(widest, title.length) }] : []
  })
  const room = columns.reduce((left, column) => left - column.width - gap.length, width - gap.length)
  const longest = nodes.reduce((most, node) => Math.max(most, widthOf(label(node))), 'span'.length)
  const labelWidth = Math.max(Math.min(longest, Math.floor((room * 2) / 3)), narrowestBar)
  const barWidth = Math.max(room - labelWidth, narrowestBar)
  const figuresOf = (textOf: (column: (typeof columns)[number]) => string) =>
    columns.map((column) => gap + toWidth(textOf(column), column.width, 'right')).join('')

  const head = toWidth('span', labelWidth) + gap + axis(timeline.length, barWidth) + figuresOf(({ title }) => title)
  const lines = nodes.flatMap((node) => {
    const { guide, span } = node
    const text = toWidth(label(node), labelWidth)
    const name = text.slice(guide.length)
    const line = [
      colors.dim(text.slice(0, guide.length)),
      span.status === 'error' ? colors.red(name) : name,
      gap,
      barColor(span, colors)(barOf(span, timeline, barWidth)),
      colors.dim(figuresOf((column) => column.text(span))),
    ]
    return [line.join('').trimEnd(), ...remarks(node, width, colors)]
  })
  return spans.length === 0 ? [] : [colors.dim(head), ...lines]
}

/** From the earliest start to the latest end, in microseconds. */
interface Timeline {
  readonly start: number
  readonly length: number
}

function timelineOf(spans: readonly SpanWithEvents[]): Timeline {
  let [start, end] = [Number.POSITIVE_INFINITY, 0]
  for (const { startTime, endTime } of spans) {
    start = Math.min(start, microsFromIso(startTime))
    end = Math.max(end, microsFromIso(endTime ?? startTime))
  }
  return { start, length: end - start }
}

function axis(micros: number, width: number): string {
  const length = formatDuration(micros / 1000)
  return `0${length.padStart(width - 1)}`
}

function barOf({ startTime, endTime }: SpanWithEvents, { start, length }: Timeline, width: number): string {
  const end = endTime === null ? undefined : microsFromIso(endTime) - start
  return timeBar(microsFromIso(startTime) - start, end, length, width)
}

const label = ({ guide, span }: Node) => `${guide}${span.status === 'error' ? '✗ ' : ''}${printable(span.name)}`

/** Remarks on a span, each on a line below it. */
function remarks({ guide, span, remark }: Node, width: number, colors: Colors): string[] {
  const indent = ' '.repeat(guide.length + 2)
  const lines: string[] = []
  if (remark) lines.push(colors.yellow(`${indent}(${remark}: ${printable(span.parentSpanId ?? '')})`))
  if (span.status !== 'ok' && span.status !== 'unset') {
    const reason = printable([span.errorType, failureMessage(span)].filter(Boolean).join(': ') || span.status)
    const color = span.status === 'error' ? colors.red : colors.yellow
    lines.push(color(indent + cut(reason, Math.max(width - indent.length, narrowestBar))))
  }
  return lines
}

/** The message of the span, else of its last recorded exception. */
function failureMessage({ statusMessage, events }: SpanWithEvents): string {
  if (statusMessage) return statusMessage
  const message = events.findLast(({ name }) => name === 'exception')?.attributes['exception.message']
  return typeof message === 'string' ? message : ''
}

const colorsByKind: Partial<Record<SpanKind, 'magenta' | 'cyan' | 'blue' | 'green' | 'yellow'>> = {
  agent: 'blue',
  workflow: 'blue',
  llm: 'magenta',
  embedding: 'magenta',
  rerank: 'magenta',
  tool: 'cyan',
  mcp: 'cyan',
  retrieval: 'green',
  guardrail: 'yellow',
  evaluation: 'yellow',
}

function barColor({ status, kind }: SpanWithEvents, colors: Colors): (text: string) => string {
  if (status === 'error') return colors.red
  const color = colorsByKind[kind]
  return color ? colors[color] : (text) => text
}
