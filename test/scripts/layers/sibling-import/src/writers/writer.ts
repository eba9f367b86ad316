export type Writer = { name: string }
