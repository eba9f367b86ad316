import { describeTraceStoreProperties } from './properties.ts'

describeTraceStoreProperties(5_000, 1_000, 900_000)
