import { createHash } from 'node:crypto'
import { dirname, join } from 'node:path'
import { parseDatabaseUrl } from '../engines/database-url.ts'
import { makeFolder } from '../make-folder.ts'
import type { CommandIo } from './io.ts'

/** The file of a command's progress: beside the default database, one for each pair of databases, without passwords. */
export function progressPath(
  io: CommandIo,
  command: 'copy' | 'sync',
  fromUrl: string,
  toUrl: string,
  projectId: string | undefined,
): string {
  const locations = [fromUrl, toUrl].map((url) => parseDatabaseUrl(url).location)
  const name = createHash('sha256')
    .update(JSON.stringify([...locations, projectId]))
    .digest('hex')
    .slice(0, 16)
  const path = io.path(join('.tracehold', `${command}-${name}.json`))
  makeFolder(dirname(path))
  return path
}
