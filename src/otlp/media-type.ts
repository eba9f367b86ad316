import { Refusal } from './refusal.ts'

/** The form of a request and of its answer. */
export interface MediaType {
  readonly form: 'json' | 'protobuf'
  /** As it is answered. */
  readonly name: string
  /** Of JSON. */
  readonly charset: string
}

/** What is answered where a request says no type that we know. */
export const jsonType: MediaType = { form: 'json', name: 'application/json', charset: 'utf-8' }

const forms: Readonly<Record<string, MediaType['form']>> = {
  'application/json': 'json',
  'application/x-protobuf': 'protobuf',
  'application/protobuf': 'protobuf',
}

/**
 * The type of a body, by its header; parameters other than `charset` say nothing of OTLP.
 *
 * @throws Refusal with 415 for any other
 */
export function mediaTypeOf(header: string | undefined): MediaType {
  const [type = '', ...parameters] = (header ?? '').split(';').map((part) => part.trim())
  const name = type.toLowerCase()
  const form = Object.hasOwn(forms, name) ? forms[name] : undefined
  if (form === undefined) {
    throw new Refusal(415, 'The content type must be application/x-protobuf or application/json.', {
      'accept-post': 'application/x-protobuf, application/json',
    })
  }
  const charset = parameters.map((each) => /^charset\s*=\s*"?([^"]*)"?$/i.exec(each)?.[1]).find((each) => each)
  return { form, name, charset: charset ?? 'utf-8' }
}

/**
 * The text of some bytes.
 *
 * @throws Refusal with 415 for a charset that is not known, and with 400 for bytes that are not of it
 */
export function textOf(bytes: Uint8Array, charset: string): string {
  let decoder: InstanceType<typeof TextDecoder>
  try {
    decoder = new TextDecoder(charset, { fatal: true })
  } catch {
    throw new Refusal(415, 'The charset of the content type is not known; use utf-8.')
  }
  try {
    return decoder.decode(bytes)
  } catch {
    throw new Refusal(400, 'The body is not in the charset that its content type says.')
  }
}
