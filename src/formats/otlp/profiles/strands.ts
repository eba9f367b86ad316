import type { Profile } from './profile.ts'

/** AWS Strands Agents. Its time to the first token is in milliseconds, under a name that others have in seconds. */
export const strands: Profile = {
  name: 'strands',
  version: 1,
  title: 'Strands Agents',
  source: 'https://github.com/strands-agents/sdk-python/blob/main/src/strands/telemetry/tracer.py',
  scopes: ['strands*', '@strands-agents/*'],
  signature: ['event_loop.cycle_id'],
  columns: {
    timeToFirstChunkMs: [{ from: 'gen_ai.server.time_to_first_token', as: 'milliseconds' }],
    failed: 'gen_ai.tool.status',
    statusMessage: 'tool.error',
  },
  kinds: [
    {
      attribute: 'gen_ai.operation.name',
      is: { execute_event_loop_cycle: 'step', invoke_swarm: 'workflow', invoke_graph: 'workflow' },
    },
    { name: /^(execute_event_loop_cycle|Cycle )/, kind: 'step' },
    { name: /^invoke_(swarm|graph|multiagent)/, kind: 'workflow' },
  ],
}
