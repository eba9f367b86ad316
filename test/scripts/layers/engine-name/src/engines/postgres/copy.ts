export const copyBlocks = (names: string[]) => names.length
