import { createRequire } from 'node:module'
import { join } from 'node:path'

/**
 * `require` as a file of this package has it. It is made when it is needed, and never while modules load: in a bundle
 * for CommonJS there is no `import.meta.url`, and packages are then looked for from the working directory.
 */
export function moduleRequire(): NodeJS.Require {
  const here: string | undefined = import.meta.url
  return createRequire(here ?? join(process.cwd(), 'index.js'))
}
