import type { OneOf, TextMatch } from './filters.ts'
import type { MetricFilter } from './metric-filter.ts'
import type { Metric } from './metric-repository.ts'

const builtIn = (name: string, rest: Pick<Metric, 'category' | 'unit' | 'description' | 'lowerIsBetter'>): Metric => ({
  name,
  type: 'gauge',
  isMonotonic: null,
  temporality: null,
  serviceName: null,
  metadata: null,
  attributeTypes: null,
  writtenAt: '1970-01-01T00:00:00.000000Z',
  ...rest,
})

/** The metrics that are known without being described. A description that is written under the same name wins. */
export const builtInMetrics: readonly Metric[] = [
  builtIn('eval_score', {
    category: 'score',
    unit: '1',
    description: 'Score of an evaluation, 0 to 1',
    lowerIsBetter: false,
  }),
  builtIn('latency_ms', { category: 'latency', unit: 'ms', description: 'Time to answer', lowerIsBetter: true }),
  builtIn('pass_rate', { category: 'rate', unit: '1', description: 'Share of tests that pass', lowerIsBetter: false }),
  builtIn('response_length', {
    category: 'count',
    unit: '{char}',
    description: 'Length of an answer',
    lowerIsBetter: null,
  }),
  builtIn('token_cost_usd', { category: 'cost', unit: 'USD', description: 'Cost of tokens', lowerIsBetter: true }),
  builtIn('tool_call_count', { category: 'count', unit: '{call}', description: 'Calls of tools', lowerIsBetter: true }),
]

/** The built-in metrics that a filter finds, as it would find them in the database. */
export function builtInMetricsThat(filter: MetricFilter): Metric[] {
  const { name, pattern, type, category, unit, description, lowerIsBetter, serviceName, metadata } = filter
  // No service reports them, and they have no metadata.
  if (serviceName !== undefined || metadata !== undefined) return []
  // Stars in a row mean no more than one, and a regular expression would try all ways to share a name among them.
  const isNamed =
    pattern === undefined
      ? undefined
      : new RegExp(`^${pattern.replace(/[^*?]/g, literal).replace(/\*+|\?/g, any)}$`, 'is')
  return builtInMetrics.filter(
    (metric) =>
      matches(metric.name, name) &&
      (isNamed?.test(metric.name) ?? true) &&
      isOneOf(metric.type, type) &&
      isOneOf(metric.category, category) &&
      matches(metric.unit, unit) &&
      matches(metric.description, description) &&
      (lowerIsBetter === undefined || metric.lowerIsBetter === lowerIsBetter),
  )
}

const literal = (mark: string) => (/\w/.test(mark) ? mark : `\\${mark}`)
const any = (marks: string) => (marks === '?' ? '.' : '.*')

function matches(text: string | null, wanted: TextMatch | undefined): boolean {
  if (typeof wanted !== 'object' || wanted === null || !('contains' in wanted)) return isOneOf(text, wanted)
  return text?.toLowerCase().includes(wanted.contains.toLowerCase()) ?? false
}

const isOneOf = <T>(value: T, wanted: OneOf<T> | undefined) =>
  wanted === undefined || (Array.isArray(wanted) ? wanted.includes(value) : wanted === value)
