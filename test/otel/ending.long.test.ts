import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { openStore } from '../../src/index.ts'
import { describeBackendsForProcesses } from '../backends.ts'

const agent = fileURLToPath(new URL('ending-agent.mjs', import.meta.url))

// Long, since idle connections stay for ten seconds.
describeBackendsForProcesses('an agent that ends without a shutdown', (backend) => {
  it('ends soon', async () => {
    const store = await openStore(backend.url(), { migrate: true })
    const startedAt = performance.now()
    const { stdout } = await promisify(execFile)(process.execPath, [agent, backend.url()], { timeout: 60_000 })
    expect(stdout).toBe('done\n')
    expect(performance.now() - startedAt).toBeLessThan(25_000)
    expect(await store.spans.count()).toBe(1)
    await store.close()
  })
})
