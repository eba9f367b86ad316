import { isObject, ShapeError } from '../shape-error.ts'

/**
 * Bytes as base64, the form of OTLP/JSON. Some producers write what JSON makes of a buffer: `{ "type": "Buffer", "data":
 * […] }`, a list of bytes, or an object of bytes by their index.
 *
 * @throws ShapeError for what holds no bytes
 */
export function base64Of(value: unknown, path: string): string {
  if (typeof value === 'string') return value
  const list = Array.isArray(value) ? value : isObject(value) ? bytesOf(value) : undefined
  if (list === undefined || !list.every(isByte)) throw new ShapeError(path, 'holds no bytes')
  return Buffer.from(list as readonly number[]).toString('base64')
}

function bytesOf(object: Readonly<Record<string, unknown>>): readonly unknown[] | undefined {
  if (Array.isArray(object.data)) return object.data
  const values = Object.values(object)
  return Object.keys(object).every((key, index) => key === String(index)) ? values : undefined
}

const isByte = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 255
