import { agentFramework } from './agent-framework.ts'
import { aiSdk, aiSdk5, aiSdk7 } from './ai-sdk.ts'
import { anthropicSdk } from './anthropic-sdk.ts'
import { claudeCode } from './claude-code.ts'
import { generic } from './generic.ts'
import { genkit } from './genkit.ts'
import { googleAdk } from './google-adk.ts'
import { laminar } from './laminar.ts'
import { langfuse } from './langfuse.ts'
import { langSmith } from './langsmith.ts'
import { liteLlm } from './litellm.ts'
import { livekit, pipecat } from './livekit.ts'
import { mastra } from './mastra.ts'
import { mlflow } from './mlflow.ts'
import { openInference, openInferenceApart } from './openinference.ts'
import { openLit } from './openlit.ts'
import { openLlmetry } from './openllmetry.ts'
import type { Profile } from './profile.ts'
import { pydanticAi } from './pydantic-ai.ts'
import { strands } from './strands.ts'
import { voltAgent } from './voltagent.ts'

/**
 * All profiles, a special one before the one that it specialises: the first that knows a span's scope reads it, else
 * the first whose signature the span has, else the generic one.
 */
export const profiles: readonly Profile[] = [
  langfuse,
  openInferenceApart,
  openInference,
  aiSdk5,
  aiSdk7,
  aiSdk,
  openLlmetry,
  pydanticAi,
  claudeCode,
  googleAdk,
  strands,
  mastra,
  openLit,
  langSmith,
  mlflow,
  genkit,
  agentFramework,
  anthropicSdk,
  livekit,
  pipecat,
  liteLlm,
  laminar,
  voltAgent,
  generic,
]
