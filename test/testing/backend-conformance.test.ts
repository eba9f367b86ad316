import { afterAll, beforeAll, describe, it } from 'vitest'
import { openStore, type Store } from '../../src/index.ts'
import { runBackendConformance } from '../../src/testing/index.ts'
import { describeBackends } from '../backends.ts'

describeBackends('tracehold/testing', (backend) => {
  let store: Store
  let projects = 0
  beforeAll(async () => {
    store = await openStore(backend.url(), { migrate: true })
  })
  afterAll(() => store.close())

  runBackendConformance({ describe, it, open: () => ({ subject: store.forProject(`p${projects++}`) }) })
})
