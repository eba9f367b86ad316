import type { Profile } from './profile.ts'

/** OpenLIT, Python and TypeScript: OpenTelemetry's names, times in seconds, content in events. */
export const openLit: Profile = {
  name: 'openlit',
  version: 1,
  title: 'OpenLIT',
  source: 'https://github.com/openlit/openlit/blob/main/sdk/python/src/openlit/__helpers.py',
  scopes: ['openlit*'],
  signature: ['gen_ai.application_name'],
  columns: {
    timeToFirstChunkMs: ['gen_ai.server.time_to_first_token', 'gen_ai.server.ttft'],
    environment: ['gen_ai.environment'],
    costUsd: 'gen_ai.usage.cost',
    userId: ['user.id', 'gen_ai.request.user'],
  },
  kinds: [
    { attribute: 'gen_ai.operation.name', is: { vectordb: 'retrieval', framework: 'step', agent: 'agent' } },
    { attribute: 'db.system.name', kind: 'retrieval' },
  ],
  counts: { cachedInInput: true, reasoningInOutput: true, totalDecides: true },
}
