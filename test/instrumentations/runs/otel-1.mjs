// OpenTelemetry JavaScript SDK 1.x by itself.
import { runGeneration } from '../operations/otel-generation.mjs'

export async function run(attached) {
  return runGeneration(1, attached)
}
