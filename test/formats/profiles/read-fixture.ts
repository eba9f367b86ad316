import { readOtlp } from '../../../src/formats/otlp/read.ts'
import type { ReadResult } from '../../../src/formats/read-result.ts'
import { otlpAttributes, otlpSpan } from '../otlp-spans.ts'

/** A span in the shape of a real instrumentation. */
export interface Fixture {
  /** What the shape shows. */
  readonly title: string
  /** Where the shape is defined or was seen. */
  readonly source: string
  readonly scope?: string
  readonly version?: string
  readonly name?: string
  readonly attributes: Readonly<Record<string, unknown>>
  readonly resource?: Readonly<Record<string, unknown>>
  readonly events?: readonly { readonly name: string; readonly attributes: Readonly<Record<string, unknown>> }[]
  readonly status?: { readonly code?: number; readonly message?: string }
  /** The columns that it must have. */
  readonly columns: Readonly<Record<string, unknown>>
  /** What `input` and `output` must hold as text. */
  readonly input?: readonly string[]
  readonly output?: readonly string[]
  /** What the span says of its trace. */
  readonly trace?: Readonly<Record<string, unknown>>
}

/** An OTLP request with the span of a fixture. */
export const requestOf = ({ scope, version, name, attributes, resource, events, status }: Fixture) => ({
  resourceSpans: [
    {
      resource: { attributes: otlpAttributes(resource ?? {}) },
      scopeSpans: [
        {
          scope: { ...(scope && { name: scope }), ...(version && { version }) },
          spans: [
            otlpSpan({
              ...(name && { name }),
              ...(status && { status }),
              startTimeUnixNano: '1764547200000000000',
              endTimeUnixNano: '1764547203000000000',
              attributes: otlpAttributes(attributes),
              events: events?.map((event) => ({
                timeUnixNano: '1764547201000000000',
                name: event.name,
                attributes: otlpAttributes(event.attributes),
              })),
            }),
          ],
        },
      ],
    },
  ],
})

/** What is read of a fixture. */
export function readFixture(fixture: Fixture): ReadResult & { span: ReadResult['spans'][number] } {
  const result = readOtlp(requestOf(fixture))
  const [span] = result.spans
  if (span === undefined) throw new Error(`the span was rejected: ${JSON.stringify(result.rejected)}`)
  return { ...result, span }
}
