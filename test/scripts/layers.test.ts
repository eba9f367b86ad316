import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const script = fileURLToPath(new URL('../../scripts/check-layers.mjs', import.meta.url))
const fixture = (name: string) => fileURLToPath(new URL(`layers/${name}`, import.meta.url))

/** Checks a directory, by default the whole repository. */
function check(...directory: string[]) {
  return new Promise<{ code: number | string | null | undefined; faults: string[] }>((resolve) => {
    execFile(process.execPath, [script, ...directory], (error, stdout, stderr) => {
      resolve({ code: error ? error.code : 0, faults: `${stdout}${stderr}`.split('\n').filter((line) => line !== '') })
    })
  })
}

describe.concurrent('the check of layers', () => {
  it('passes on this repository', async () => {
    expect(await check()).toEqual({ code: 0, faults: [] })
  })

  it('refuses an import from a layer above, though it is one of a type', async () => {
    expect(await check(fixture('upward-import'))).toEqual({
      code: 1,
      faults: [
        'layer: src/rows/row.ts must not import src/writers/writer.ts',
        'layer: src/rows/row.ts:5 imports a type inside a type; write import type',
      ],
    })
  })

  it('refuses that repositories and writers import each other', async () => {
    expect(await check(fixture('sibling-import'))).toEqual({
      code: 1,
      faults: ['layer: src/repositories/repository.ts must not import src/writers/writer.ts'],
    })
  })

  it('refuses a circle of types', async () => {
    expect(await check(fixture('circle'))).toEqual({
      code: 1,
      faults: ['circle: src/rows/left.ts → src/rows/right.ts → src/rows/left.ts'],
    })
  })

  it('refuses questions for an engine outside of its folder', async () => {
    const { code, faults } = await check(fixture('engine-name'))
    expect(code).toBe(1)
    expect(faults).toEqual([
      'engine: src/copy/pages.ts must not import src/engines/postgres/copy.ts',
      expect.stringMatching(/^engine: src\/copy\/pages\.ts:4 asks for sqlite;/),
      expect.stringMatching(/^engine: src\/copy\/pages\.ts:7 asks for clickhouse;/),
      expect.stringMatching(/^engine: src\/copy\/pages\.ts:9 asks for postgres;/),
    ])
  })

  it('refuses a file that no layer has', async () => {
    expect(await check(fixture('no-layer'))).toEqual({ code: 1, faults: ['layer: src/attic/old.ts is in none'] })
  })
})
