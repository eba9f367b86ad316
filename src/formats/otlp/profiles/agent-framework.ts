import type { Profile } from './profile.ts'

/** Microsoft's Agent Framework and Semantic Kernel. */
export const agentFramework: Profile = {
  name: 'agent-framework',
  version: 1,
  title: 'Microsoft Agent Framework and Semantic Kernel',
  source:
    'https://github.com/microsoft/agent-framework/blob/main/python/packages/core/agent_framework/observability.py',
  scopes: [
    'agent_framework*',
    'Microsoft.SemanticKernel*',
    'Microsoft.Agents.AI*',
    'semantic_kernel*',
    'Experimental.Microsoft.*',
  ],
  signature: ['executor.id', 'workflow.definition'],
  columns: {
    workflowName: ['workflow.name', 'workflow.id'],
  },
  kinds: [
    { attribute: 'executor.id', kind: 'step' },
    { attribute: 'edge_group.type', kind: 'step' },
    { attribute: 'message.source_id', kind: 'step' },
    { name: /^workflow\.(run|session|build)/, kind: 'workflow' },
    { name: /^(executor\.process|edge_group\.process|message\.send)/, kind: 'step' },
  ],
  counts: { cachedInInput: true, reasoningInOutput: true, totalDecides: true },
}
