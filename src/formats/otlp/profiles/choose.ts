import type { JsonObject, Scope } from '../../../../schema/values.ts'
import { type CompiledProfile, compileProfile } from './compile.ts'
import { generic } from './generic.ts'
import type { Profile } from './profile.ts'
import { profiles } from './registry.ts'

/** Chooses the profile that reads a span. What depends on the scope alone is found once per scope. */
export class ProfileChoice {
  readonly #all: readonly Profile[]
  /** Made when first needed: a process meets few instrumentations. */
  readonly #compiled = new Map<Profile, CompiledProfile>()
  readonly #ofScope = new Map<string, readonly Profile[]>()
  /** The first profile that an attribute of a name shows, by its index. */
  readonly #shownBy = new Map<string, number>()

  constructor(all: readonly Profile[]) {
    this.#all = all
  }

  /** By scope name and version, else by the signature of the attributes, else the generic profile. */
  choose(scope: Scope | null, attributes: JsonObject): CompiledProfile {
    for (const each of this.#candidates(scope?.name ?? '', scope?.version ?? '')) {
      if (fits(each, attributes)) return this.#compile(each)
    }
    let best = Number.POSITIVE_INFINITY
    for (const name of Object.keys(attributes)) {
      const index = this.#indexShownBy(name)
      if (index >= best) continue
      for (let i = index; i < Math.min(best, this.#all.length); i += 1) {
        const each = this.#all[i] as Profile
        if (showsSignature(each, name) && fits(each, attributes)) best = i
      }
    }
    return this.#compile(this.#all[best] ?? generic)
  }

  #compile(profile: Profile): CompiledProfile {
    const known = this.#compiled.get(profile)
    if (known !== undefined) return known
    const compiled = compileProfile(profile, generic, this.#all)
    this.#compiled.set(profile, compiled)
    return compiled
  }

  #candidates(name: string, version: string): readonly Profile[] {
    if (name === '') return []
    const key = `${name}\0${version}`
    const known = this.#ofScope.get(key)
    if (known !== undefined) return known
    const found = this.#all.filter(
      ({ scopes, scopeVersions }) =>
        scopes.some((each) => isNamed(each, name)) && (scopeVersions?.test(version) ?? true),
    )
    if (this.#ofScope.size < maxKnown) this.#ofScope.set(key, found)
    return found
  }

  #indexShownBy(name: string): number {
    const known = this.#shownBy.get(name)
    if (known !== undefined) return known
    const index = this.#all.findIndex((profile) => showsSignature(profile, name))
    const found = index < 0 ? Number.POSITIVE_INFINITY : index
    if (this.#shownBy.size < maxKnown) this.#shownBy.set(name, found)
    return found
  }
}

/** Names that are kept; a service has some hundreds. */
const maxKnown = 20_000

const showsSignature = (profile: Profile, name: string) => profile.signature.some((each) => isNamed(each, name))

const isNamed = (pattern: string, name: string) =>
  pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern

function fits({ when }: Profile, attributes: JsonObject): boolean {
  if (when === undefined) return true
  return Object.entries(when).every(([name, pattern]) => {
    const value = attributes[name]
    return typeof value === 'string' && pattern.test(value)
  })
}

/** The choice among all profiles. */
export const profileChoice = new ProfileChoice(profiles)
