import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStore, type Store } from '../../src/index.ts'
import { captureTimeoutMs } from './capture.ts'
import { ensureSdksInstalled } from './install.ts'

const execFileAsync = promisify(execFile)
const here = fileURLToPath(new URL('.', import.meta.url))
const root = fileURLToPath(new URL('../../', import.meta.url))
/** Its programs use the built package, `dist/src/otel/index.js`. */
const page = readFileSync(join(root, 'docs/instrumentation.md'), 'utf8')

/** The page's programs, by the names that it gives them. */
const recipes = [...page.matchAll(/<!-- file: (\S+) -->\n```ts\n(.*?)```/gs)].map(([, name = '', text = '']) => ({
  name,
  text,
}))

/** The pieces of docs/writing.md, which are one program. */
const writing = [...readFileSync(join(root, 'docs/writing.md'), 'utf8').matchAll(/```ts\n(.*?)```/gs)]
  .map(([, text]) => text)
  .join('\n')

/** What stands in for services and programs that a reader has. */
const given = {
  'writing.ts': writing,
  // A model of the AI SDK by its name, without a network.
  'models.ts': `
    import { customProvider } from 'ai'
    import { listedModel } from '../fake/ai-sdk-model.mjs'
    import { answers } from '../scenario.mjs'
    globalThis.AI_SDK_DEFAULT_PROVIDER = customProvider({ languageModels: { 'openai/gpt-5': listedModel([answers]) } })`,
  'signals.ts': `
    import { metrics, trace } from '@opentelemetry/api'
    import { logs } from '@opentelemetry/api-logs'
    trace.getTracer('app').startSpan('work', { attributes: { password: 'secret' } }).end()
    logs.getLogger('app').emit({ body: 'worked' })
    metrics.getMeter('app').createCounter('jobs').add(1)
    process.kill(process.pid, 'SIGTERM')
    setTimeout(() => {}, 30_000)`,
  'next/server.ts': `
    import { trace } from '@opentelemetry/api'
    import { register } from './instrumentation.js'
    await register()
    trace.getTracer('next').startSpan('GET /').end()`,
  'anthropic.ts': `
    import { startFakeServer } from '../fake/server.mjs'
    import { answers } from '../scenario.mjs'
    const server = await startFakeServer([answers])
    process.env.ANTHROPIC_BASE_URL = server.url
    process.env.ANTHROPIC_API_KEY = 'none'
    await import('./claude.js')
    await server.close()`,
}

const compilerOptions = {
  ...{ target: 'es2023', module: 'nodenext', strict: true, exactOptionalPropertyTypes: true, skipLibCheck: true },
  ...{ types: ['node'], typeRoots: [join(root, 'node_modules/@types')], noImplicitAny: false },
}

describe('docs/instrumentation.md', () => {
  let folder: string

  beforeAll(async () => {
    await ensureSdksInstalled()
    // Inside, where the SDKs are found.
    folder = mkdtempSync(join(here, '.recipes-'))
    const write = (name: string, text: string) => {
      mkdirSync(dirname(join(folder, name)), { recursive: true })
      writeFileSync(join(folder, name), text)
    }
    for (const { name, text } of recipes) write(name, text)
    for (const [name, text] of Object.entries(given)) write(name, text)
    cpSync(join(folder, 'instrumentation.ts'), join(folder, 'next/instrumentation.node.ts'))
    write('package.json', '{ "type": "module" }')
    write('tsconfig.json', JSON.stringify({ compilerOptions, include: ['**/*.ts'] }))
    mkdirSync(join(folder, 'node_modules'))
    symlinkSync(root, join(folder, 'node_modules/tracehold'), 'dir')
    const tsc = join(root, 'node_modules/typescript/bin/tsc')
    await execFileAsync(process.execPath, [tsc, '-p', folder]).catch(({ stdout }) => {
      throw new Error(stdout)
    })
  }, captureTimeoutMs)
  afterAll(() => rmSync(folder, { recursive: true }))

  /** Runs a program as the page says, and looks at what is stored. */
  async function stored<T>(args: string[], look: (store: Store) => Promise<T>): Promise<T> {
    const url = `sqlite:${join(folder, `${args.at(-1)}.db`)}`
    const env = { ...process.env, NODE_ENV: 'production', NEXT_RUNTIME: 'nodejs', DATABASE_URL: url }
    await execFileAsync(process.execPath, args, { cwd: folder, env, timeout: 60_000 })
    await using store = await openStore(url)
    return await look(store)
  }

  it('has five programs, of which the README shows the first', () => {
    const names = ['instrumentation.ts', 'instrumentation-all.ts', 'next/instrumentation.ts', 'agent.ts', 'claude.ts']
    expect(recipes.map(({ name }) => name)).toEqual(names)
    expect(readFileSync(join(root, 'README.md'), 'utf8')).toContain(recipes[0]?.text)
  })

  it('stores an AI SDK agent under NodeSDK', async () => {
    const program = ['--import', './instrumentation.js', '--import', './models.js', 'agent.js']
    const { items } = await stored(program, (store) => store.traces.list())
    expect(items).toMatchObject([
      { sessionId: 'session-42', userId: 'user-7', serviceName: 'support', inputTokens: 320, outputTokens: 20 },
    ])
  })

  it('stores all signals, redacted, when the process is told to end', async () => {
    await stored(['--import', './instrumentation-all.js', 'signals.js'], async (store) => {
      const [span] = (await store.spans.list()).items
      expect(await store.spans.get(span?.traceId ?? '', span?.spanId ?? '')).toMatchObject({
        name: 'work',
        attributes: { password: '[redacted]' },
      })
      expect((await store.logs.list()).items).toMatchObject([{ bodyText: 'worked' }])
      expect(await store.metrics.latest('jobs')).toMatchObject({ value: 1 })
    })
  })

  it('has the program of docs/writing.md beside it, which stores what it says', async () => {
    await stored(['writing.js'], async (store) => {
      expect(await store.traces.get('t1')).toMatchObject({ userId: 'user-7', tags: null, metadata: { team: 'red' } })
      expect(await store.traces.get('t2')).toBeUndefined()
      expect(await store.spans.count()).toBe(10_002)
      expect(await store.results.get('run-7/refund')).toMatchObject({ traceId: 't1' })
      expect(await store.logs.count({ traceId: 't1' })).toBe(1)
      expect(await store.metrics.latest('queue.wait')).toMatchObject({ value: 130 })
    })
  })

  it('stores what Next.js does', async () => {
    const { items } = await stored(['next/server.js'], (store) => store.spans.list())
    expect(items).toMatchObject([{ name: 'GET /', serviceName: 'support' }])
  })

  it('stores calls of the Anthropic SDK, with the tokens of its cache', async () => {
    const program = ['--import', './instrumentation.js', 'anthropic.js']
    const { items } = await stored(program, (store) => store.traces.list())
    expect(items).toMatchObject([{ sessionId: 'session-42', inputTokens: 320, cacheReadTokens: 200, outputTokens: 20 }])
  })
})
