export type { Left } from './left.ts'
export type Right = { name: string }
