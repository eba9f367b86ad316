import type { Metric } from './metric-rows.ts'

const builtIn = (name: string, rest: Pick<Metric, 'category' | 'unit' | 'description' | 'lowerIsBetter'>): Metric => ({
  name,
  descriptionId: '',
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
