import { field, type Headers, type Request, type Response } from '../../labs/kit/http.ts'
import { MessageReader } from '../../labs/kit/message-reader.ts'

/** Says what the next bytes of one direction are: a label for each message that is whole now. */
export type Teller = (bytes: Uint8Array, kind: 'request' | 'response') => string[]

/** Tells messages of HTTP by their first line and some of their fields. */
export function teller(fields: readonly string[]): Teller {
  let requests: MessageReader<'request'> | undefined
  let responses: MessageReader<'response'> | undefined
  return (bytes, kind) => {
    if (kind === 'request') {
      requests ??= new MessageReader('request')
      return requests.push(bytes).map((request) => requestLabel(request, fields))
    }
    responses ??= new MessageReader('response')
    return responses.push(bytes).map((response) => responseLabel(response, fields))
  }
}

export function requestLabel({ method, target, headers }: Request, fields: readonly string[]): string {
  return [`${method} ${target}`, ...shownFields(headers, fields)].join(', ')
}

export function responseLabel(
  { status, reason, headers, body }: Response,
  fields: readonly string[],
): string {
  const shown = shownFields(headers, fields)
  const size = body.length >= 1000 ? [`${Math.round(body.length / 1000)} KB`] : [`${body.length} B`]
  return [`${status} ${reason}`, ...(shown.length > 0 ? shown : size)].join(', ')
}

// --- internal ---

function shownFields(headers: Headers, fields: readonly string[]): string[] {
  return fields.flatMap((name) => {
    const value = field(headers, name)
    return value === null ? [] : [`${name}: ${value}`]
  })
}
