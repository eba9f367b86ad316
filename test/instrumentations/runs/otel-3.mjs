// OpenTelemetry JavaScript SDK 3.x by itself.
import { runGeneration } from '../operations/otel-generation.mjs'

export async function run(attached) {
  return runGeneration(3, attached)
}
