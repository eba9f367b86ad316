import type { ConfigLocation, ConfigOptions } from '../../config/config.ts'
import { readConfig } from '../../config/load-config.ts'
import { parseDatabaseUrl } from '../../engines/database-url.ts'
import { type Finding, failed, failure, many, ok, parted } from '../../engines/finding.ts'
import { ConfigError, type Fault } from '../../errors.ts'
import type { Setup } from '../subject.ts'

/** What became of the configuration: every fault, or what the rest is looked at with. */
export interface ConfigAnswer {
  readonly findings: readonly Finding[]
  readonly setup?: Setup
}

/** Reads the configuration as a whole, with the source of the database's URL. */
export function checkConfig(options: ConfigOptions, location: ConfigLocation): ConfigAnswer {
  try {
    const { config, entries, error } = readConfig(options, location)
    if (error) throw error
    const target = parseDatabaseUrl(config.url, location.cwd)
    const source = entries.find(({ setting }) => setting.key === 'url')?.source ?? 'default'
    const others = entries.filter((entry) => entry.setting.key !== 'url' && entry.source !== 'default').length
    const more = others === 0 ? '' : `; ${many(others, 'more setting')}`
    const origin = source === given ? 'as given' : `from ${source.replace(' (environment)', '')}`
    return { findings: [ok(`${target.location} (${origin})${more}`)], setup: { config, target } }
  } catch (error) {
    if (!(error instanceof ConfigError) || error.faults.length === 0) {
      return { findings: [failure(error, 'read the configuration')] }
    }
    return { findings: error.faults.map(faultFinding) }
  }
}

/** The source of a URL that the caller gave. */
const given = 'url (options)'

function faultFinding({ field, message }: Fault): Finding {
  if (field === given) return { ...seeConfig, ...parted(message) }
  if (message.startsWith('must ')) return failed(`${field} cannot be used`, `It ${message}.`)
  return { ...seeConfig, ...parted(`${field}: ${message}`) }
}

const seeConfig = { status: 'failed', nextStep: 'See what holds, and from where: tracehold config print' } as const
