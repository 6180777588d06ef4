/**
 * What the field knows of parsing gone wrong, as tables. Bytes are text in Latin-1; `‹` stands before the byte that
 * `at` names, and is none of them.
 */

/** `A|B`: two rules are broken, and either may be told. */
export type Refused = readonly [what: string, bytes: string, code: string, rfc: string, says: string]

export interface Expected {
  readonly method?: string
  readonly target?: string
  readonly version?: '1.0' | '1.1'
  readonly status?: number
  readonly reason?: string
  readonly headers?: ReadonlyArray<readonly [string, string]>
  readonly body?: string
  readonly trailers?: ReadonlyArray<readonly [string, string]>
}

export type Taken = readonly [what: string, bytes: string, expected: Expected, rfc: string, says: string]

export const MARK = '‹'

/** A GET with this line among its fields. */
export const get = (line: string): string =>
  `GET / HTTP/1.1\r\nX-A: a\r\nHost: a\r\n${line}\r\nX-B: b\r\n\r\n`
/** A POST with these fields, and five bytes behind them. */
export const post = (fields: string): string => `${POST}${fields}\r\n\r\nabcde`
/** A POST in HTTP/1.0. */
export const old = (fields: string): string => `POST / HTTP/1.0\r\n${fields}\r\n\r\nabcde`
/** A POST whose chunked body is this. */
export const chunked = (body: string): string => `${CHUNKED}${body}`
/** A request line, and a Host field. */
export const line = (start: string): string => `${start}\r\nHost: a\r\n\r\n`

/** Request line and Host of a POST whose fields go on. */
export const POST = 'POST / HTTP/1.1\r\nHost: a\r\n'
/** A POST whose chunks follow. */
export const CHUNKED = `${POST}Transfer-Encoding: chunked\r\n\r\n`
