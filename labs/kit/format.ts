import type { Headers, Request, Response } from './http.ts'
import { field } from './http.ts'

/** The bytes of a request. Adds Content-Length where there is a body and no length is given. */
export function formatRequest(request: Request): Buffer {
  const startLine = `${request.method} ${request.target} HTTP/${request.version}`
  const headers =
    request.body.length > 0 ? withLength(request.headers, request.body) : request.headers
  return formatMessage(startLine, headers, request.body)
}

/** The bytes of a response. Adds Content-Length where no length is given, for an empty body too. */
export function formatResponse(response: Response): Buffer {
  const startLine = `HTTP/${response.version} ${response.status} ${response.reason}`
  return formatMessage(
    startLine,
    withLength(response.headers, response.body),
    response.body,
  )
}

function withLength(headers: Headers, body: Uint8Array): Headers {
  const hasLength =
    field(headers, 'content-length') !== null ||
    field(headers, 'transfer-encoding') !== null
  return hasLength ? headers : [...headers, ['Content-Length', String(body.length)]]
}

function formatMessage(startLine: string, headers: Headers, body: Uint8Array): Buffer {
  const fields = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  return Buffer.concat([Buffer.from(`${startLine}\r\n${fields}\r\n`, 'latin1'), body])
}
