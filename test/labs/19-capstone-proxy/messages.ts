import type { Answer, Ask } from './model.ts'

/** What stands on the wire, and what a report calls it. */

export function nameOf({ method, target, id, client }: Ask): string {
  return `${method} ${target} (request ${id} of the run, by client ${client})`
}

export function whyNot({ state, waitsFor }: Ask): string {
  if (state === 'waits') return `the same is asked for by client ${waitsFor?.client ?? ''}`
  return state === 'answered' ? 'what is stored answers it' : `it is ${state}`
}

export function bytesOf(
  { status, body, maxAge, age, tag, vary, says }: Answer,
  framing: 'chunks' | 'FIN' | undefined,
  method: string,
): string {
  const control = [...(maxAge === undefined ? [] : [`max-age=${maxAge}`]), ...(says ? [says] : [])]
  const isChunked = framing === 'chunks' && status !== 304
  const lines = [
    `HTTP/1.1 ${status} Some Reason`,
    ...(control.length > 0 ? [`Cache-Control: ${control.join(', ')}`] : []),
    ...(age === undefined ? [] : [`Age: ${age}`]),
    ...(tag === undefined ? [] : [`ETag: ${tag}`]),
    ...(vary ? ['Vary: Accept-Language'] : []),
    ...(isChunked ? ['Transfer-Encoding: chunked'] : []),
    ...(framing !== undefined || status === 304 ? [] : [`Content-Length: ${body.length}`]),
  ]
  const head = `${lines.join('\r\n')}\r\n\r\n`
  if (method === 'HEAD' || status === 304) return head
  return head + (isChunked ? `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n` : body)
}

/** Its answer is cut, or it asks for itself alone. */
export function isForNobodyElse({ state, waitsFor }: Ask): boolean {
  return state === 'cut' || (state === 'at the origin' && waitsFor !== null)
}
