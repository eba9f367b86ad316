import { describe, expect, it } from 'vitest'

interface Lock {
  packages: Record<string, { version: string; integrity: string; optional?: boolean }>
}

interface EnsureInstalled {
  isInstalled(lock: Lock | undefined, installed: Lock | undefined): boolean
  isAtLeast(version: string, minimum: string): boolean
}

// The scripts are plain JavaScript without types: a name that is no literal keeps the compiler from looking for them.
const script: string = '../../scripts/ensure-installed.mjs'
const { isInstalled, isAtLeast } = (await import(script)) as EnsureInstalled

const zod = { version: '4.6.0', integrity: 'sha512-a' }
const lock = { packages: { '': { version: '0.1.0', integrity: '' }, 'node_modules/zod': zod } }

describe('isInstalled', () => {
  it('is true when everything locked is there, whatever the own version says', () => {
    expect(isInstalled(lock, { packages: { 'node_modules/zod': zod } })).toBe(true)
  })

  it('is false without node_modules, and for a missing or another version', () => {
    expect(isInstalled(lock, undefined)).toBe(false)
    expect(isInstalled(lock, { packages: {} })).toBe(false)
    expect(isInstalled(lock, { packages: { 'node_modules/zod': { ...zod, version: '4.5.0' } } })).toBe(false)
    expect(isInstalled(lock, { packages: { 'node_modules/zod': { ...zod, integrity: 'sha512-b' } } })).toBe(false)
  })

  it('does not miss what npm leaves out for other platforms', () => {
    const withOptional = { packages: { ...lock.packages, 'node_modules/for-another': { ...zod, optional: true } } }
    expect(isInstalled(withOptional, { packages: { 'node_modules/zod': zod } })).toBe(true)
  })
})

describe('isAtLeast', () => {
  it.each([
    ['20.19.0', true],
    ['20.20.2', true],
    ['22.0.0', true],
    ['100.1.0', true],
    ['20.18.9', false],
    ['18.20.4', false],
    ['9.99.0', false],
  ])('Node %s for 20.19: %s', (version, answer) => {
    expect(isAtLeast(version, '20.19')).toBe(answer)
  })
})
