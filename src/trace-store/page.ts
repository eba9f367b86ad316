import { type Fault, ValidationError } from '../errors.ts'

/** @throws ValidationError unless both are whole numbers, 0 or more */
export function checkedPage(limit: number, offset: number): void {
  const faults: Fault[] = Object.entries({ limit, offset })
    .filter(([, value]) => !Number.isSafeInteger(value) || value < 0)
    .map(([field]) => ({ field, message: 'must be a whole number, 0 or more' }))
  if (faults.length > 0) throw new ValidationError('Invalid page', faults)
}
