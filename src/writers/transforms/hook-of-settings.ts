import type { WriterSettings } from '../options.ts'
import { dropContent } from './drop-content.ts'
import { type Hook, hookOf, type Transform } from './transform.ts'

/** What a writer's options ask to be done with every record; undefined where they ask for nothing. */
export function hookOfSettings({ transform, captureContent, whenTransformFails }: WriterSettings): Hook | undefined {
  const given: readonly Transform[] = typeof transform === 'function' ? [transform] : transform
  // Last, since a transform may need the content, and must not bring it back.
  return hookOf(captureContent ? given : [...given, dropContent()], whenTransformFails)
}
