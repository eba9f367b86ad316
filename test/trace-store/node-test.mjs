// The conformance suite under node:test, on the built package.
import { describe, it } from 'node:test'
import { runTraceStoreConformance } from 'tracehold/testing'
import { InMemoryTraceStore } from 'tracehold/trace-store'

runTraceStoreConformance({ describe, it, open: () => ({ subject: new InMemoryTraceStore() }) })
