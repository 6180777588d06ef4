import type { Call, Check } from '../../../workbook/grading/check.ts'

/** What goes over the connections of `fetchPage`. */

export interface Fetched {
  readonly status: number
  readonly headers: ReadonlyArray<readonly [string, string]>
  readonly body: Uint8Array
}

export const fetchPage = (
  c: Check,
  port: number,
  targets: readonly string[],
  connections: number,
): Call<Fetched[]> => c.learner.call<Fetched[]>('fetchPage', port, targets, { connections })

export function responseOf(body: Uint8Array, status = 200, mark = 'none'): Buffer {
  const head = `HTTP/1.1 ${status} Whatever\r\nX-Mark: ${mark}\r\nContent-Length: ${body.length}\r\n\r\n`
  return Buffer.concat([Buffer.from(head), body])
}

/** @param isLast - The last one of a connection may say so (RFC 9112 §9.6). */
export async function expectRequest(
  c: Check,
  bytes: Buffer,
  { target, port, isLast = false }: { target: string; port: number; isLast?: boolean },
): Promise<void> {
  const text = bytes.toString('latin1')
  const [line = '', ...fields] = text.split('\r\n')
  await c.blame('R13', () => {
    c.expectEqual(line, `GET ${target} HTTP/1.1`, 'the request line')
    const host = fields
      .find((field) => /^host:/i.test(field))
      ?.slice(5)
      .trim()
    c.expectEqual(host, `127.0.0.1:${port}`, 'the Host field')
    c.expect(
      text.endsWith('\r\n\r\n'),
      'an empty line at the end of the request',
      JSON.stringify(text.slice(-20)),
    )
    c.expect(!/^content-length:(?! *0\r)/im.test(text), 'no body in a GET', 'a Content-Length')
  })
  const closes = fields.some((field) => /^connection:.*\bclose\b/i.test(field))
  await c.blame('R14', () =>
    c.expect(isLast || !closes, 'a request that keeps the connection', '`Connection: close`'),
  )
}
