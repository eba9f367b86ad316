import { describeTraceStoreProperties } from './properties.ts'

describeTraceStoreProperties(150, 60, 60_000)
