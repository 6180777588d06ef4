import type { Answer, Ask, Fields } from './model.ts'
import type { AskStep } from './steps.ts'

/** What stands on the wire, and what a report calls it. */

export function nameOf({ method, target, id, client }: Ask): string {
  return `${method} ${target} (request ${id} of the run, by client ${client})`
}

export function whyNot({ state, waitsFor }: Ask): string {
  if (state === 'waits') return `the same is asked for by client ${waitsFor?.client ?? ''}`
  return state === 'answered' ? 'what is stored answers it' : `it is ${state}`
}

export const linesOf = (fields: Fields): string =>
  fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')

export function requestOf(step: AskStep, target: string, id: number, isOld: boolean): string {
  const lines = [
    `${step.method ?? 'GET'} ${target} HTTP/${isOld ? '1.0' : '1.1'}`,
    `Host: ${step.host ?? 'a.example'}`,
    `X-Ask: ${id}`,
    ...(step.language === undefined ? [] : [`Accept-Language: ${step.language}`]),
    ...(step.authorized ? ['Authorization: Basic eDp5'] : []),
    ...(step.noCache ? ['Cache-Control: no-cache'] : []),
    ...(step.method === 'POST' ? ['Content-Length: 0'] : []),
  ]
  return `${lines.join('\r\n')}\r\n\r\n`
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

/** Whether a client may take it for all of an answer: `said`, and then FIN, or no end of that kind. */
export function looksWhole(said: string, isFin: boolean): boolean {
  const head = said.indexOf('\r\n\r\n') + 4
  const length = /^content-length: (\d+)/im.exec(said.slice(0, head))?.[1]
  if (length !== undefined) return said.length - head >= Number(length)
  const isChunked = /^transfer-encoding: chunked/im.test(said.slice(0, head))
  return isChunked ? said.endsWith('\r\n0\r\n\r\n') : isFin
}

/** Whether the head of an answer leaves it to the end of the connection where its body ends. */
export function isEndless(said: string): boolean {
  const head = said.slice(0, Math.max(0, said.indexOf('\r\n\r\n')))
  if (head === '' || /^HTTP\/\S+ (?:204|304)/.test(head)) return false
  return !/^(?:content-length|transfer-encoding):/im.test(head)
}
