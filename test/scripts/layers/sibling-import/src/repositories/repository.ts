// Fixture: repositories and writers stand in one layer.
import type { Writer } from '../writers/writer.ts'

export type Repository = { writer: Writer }
