/** Names of providers as OpenTelemetry spells them, by spellings of others in lower case. */
const known: Readonly<Record<string, string>> = {
  'aws-bedrock': 'aws.bedrock',
  aws_bedrock: 'aws.bedrock',
  'amazon-bedrock': 'aws.bedrock',
  amazon_bedrock: 'aws.bedrock',
  bedrock: 'aws.bedrock',
  bedrock_converse: 'aws.bedrock',
  'az.ai.openai': 'azure.ai.openai',
  azure: 'azure.ai.openai',
  azure_openai: 'azure.ai.openai',
  'azure-openai': 'azure.ai.openai',
  azureopenai: 'azure.ai.openai',
  'az.ai.inference': 'azure.ai.inference',
  azure_ai: 'azure.ai.inference',
  gemini: 'gcp.gemini',
  google_genai: 'gcp.gemini',
  'google-genai': 'gcp.gemini',
  'google.generative-ai': 'gcp.gemini',
  'google-gla': 'gcp.gemini',
  google_ai_studio: 'gcp.gemini',
  googleai: 'gcp.gemini',
  vertex: 'gcp.vertex_ai',
  vertexai: 'gcp.vertex_ai',
  vertex_ai: 'gcp.vertex_ai',
  'google.vertex': 'gcp.vertex_ai',
  'google-vertex': 'gcp.vertex_ai',
  google_vertexai: 'gcp.vertex_ai',
  mistral: 'mistral_ai',
  mistralai: 'mistral_ai',
  'mistral-ai': 'mistral_ai',
  xai: 'x_ai',
  'x-ai': 'x_ai',
  watsonx: 'ibm.watsonx.ai',
  watson: 'ibm.watsonx.ai',
}

/** What the AI SDK and others add for the interface that was called: `openai.chat`, `anthropic.messages`. */
const callSuffix =
  /\.(chat|responses|messages|completions?|embeddings?|textembedding|image|speech|transcription|reranking|rerank)$/

/** A provider by OpenTelemetry's name: in lower case, without the interface that was called. */
export function normalizeProvider(given: string): string {
  const name = given.trim().toLowerCase().replace(callSuffix, '')
  return Object.hasOwn(known, name) ? (known[name] as string) : name
}
