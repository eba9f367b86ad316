import { runs } from '../runs.ts'
import { describeTraceStoreProperties } from './properties.ts'

describeTraceStoreProperties(runs(100, 5_000), runs(50, 1_000), runs(60_000, 900_000))
