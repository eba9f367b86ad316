// OpenTelemetry JavaScript SDK 2.x by itself.
import { runGeneration } from '../operations/otel-generation.mjs'

export async function run(attached) {
  return runGeneration(2, attached)
}
