// Fixture: each file imports a type of the other.
import type { Right } from './right.ts'

export type Left = { right: Right | undefined }
