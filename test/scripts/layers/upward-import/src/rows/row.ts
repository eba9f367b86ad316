// Fixture: rows are below writers.
import type { Writer } from '../writers/writer.ts'

export type Row = { writer: Writer }
export type Later = import('../writers/writer.ts').Writer
