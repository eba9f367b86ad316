import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { captureTimeoutMs } from './capture.ts'
import { ensureSdksInstalled } from './install.ts'

const root = join(import.meta.dirname, '../..')

/** What a recipe takes from the program around it, by the first word of its heading. */
const around: Record<string, string> = {
  LangChain: 'declare const agent: import("@langchain/core/runnables").Runnable; declare const input: object',
  Mastra: 'import { Observability } from "@mastra/observability"; declare const url: string',
  Claude: 'declare const prompt: string',
}

it(
  'the recipes of docs/agent-sdks.md fit the types of the SDKs',
  async () => {
    await ensureSdksInstalled()
    // Here, so that the SDKs are found.
    const folder = await mkdtemp(join(import.meta.dirname, '.recipes-'))
    try {
      const page = await readFile(join(root, 'docs/agent-sdks.md'), 'utf8')
      const files: string[] = []
      for (const section of page.split(/^## /m)) {
        const [heading = ''] = section.split(/\s/, 1)
        for (const [, code = ''] of section.matchAll(/```ts\n(.*?)```/gs)) {
          const file = `${heading}.ts`
          await writeFile(join(folder, file), `${around[heading] ?? ''}\n${code}`)
          files.push(file)
        }
      }
      expect(files).toEqual(['OpenAI.ts', 'LangChain.ts', 'AI.ts', 'Mastra.ts', 'Claude.ts'])
      const compilerOptions = {
        strict: true,
        module: 'nodenext',
        target: 'es2023',
        lib: ['es2023', 'esnext.disposable', 'dom'],
        noEmit: true,
        skipLibCheck: true,
        types: ['node'],
        typeRoots: ['../../../node_modules/@types'],
        paths: { 'tracehold/*': ['../../../dist/src/integrations/*.d.ts'] },
      }
      await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }))
      const tsc = join(root, 'node_modules/typescript/bin/tsc')
      const complaints = await promisify(execFile)(process.execPath, [tsc, '-p', folder]).then(
        ({ stdout }) => stdout,
        ({ stdout }: { stdout: string }) => stdout,
      )
      expect(complaints).toBe('')
    } finally {
      await rm(folder, { recursive: true })
    }
  },
  captureTimeoutMs,
)
