import { type Finding, failed, ok } from '../../engines/finding.ts'

/** The oldest Node that the package runs on. */
const oldest = [20, 19] as const

/** Whether this Node is new enough. */
export function checkNode(version = process.versions.node): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const isOld = major < oldest[0] || (major === oldest[0] && minor < oldest[1])
  if (!isOld) return ok(`Node ${version}`)
  return failed(`Node ${version} is too old`, `Install Node ${oldest.join('.')} or newer.`)
}
