/** A server of files that stand in memory. */
import { createHash } from 'node:crypto'
import type { RunningServer } from '../../labs/kit/http.ts'
import type { Limits } from './limits.ts'
import { select } from './selecting.ts'
import { listen, type Exchange } from './serving.ts'

export type Files = Readonly<Record<string, Uint8Array>>

interface File {
  readonly body: Buffer
  readonly tag: string
  /** The fields of every answer about it. */
  readonly fields: string
}

// #region origin
export function startOrigin(files: Files, limits: Limits): Promise<RunningServer> {
  const known = new Map(Object.entries(files).map(([path, bytes]) => [path, fileOf(path, bytes)]))
  return listen({ limits, keepsOldClients: true, handle: (exchange) => answer(exchange, known) })
}

function fileOf(path: string, bytes: Uint8Array): File {
  const body = Buffer.from(bytes)
  const tag = `"${createHash('sha256').update(body).digest('hex').slice(0, 20)}"`
  const type = TYPES[/\.(\w+)$/.exec(path)?.[1] ?? ''] ?? 'application/octet-stream'
  const fields = `ETag: ${tag}\r\nCache-Control: max-age=60\r\nAccept-Ranges: bytes\r\nContent-Type: ${type}\r\n`
  return { body, tag, fields }
}

const TYPES: Readonly<Record<string, string>> = {
  css: 'text/css',
  html: 'text/html; charset=utf-8',
  js: 'text/javascript',
  png: 'image/png',
  svg: 'image/svg+xml',
  txt: 'text/plain; charset=utf-8',
}

function answer(exchange: Exchange, files: Map<string, File>): void {
  const { method, target } = exchange.head
  if (method !== 'GET' && method !== 'HEAD')
    return exchange.reply(method === 'CONNECT' ? 501 : 405, '', [['Allow', 'GET, HEAD']])
  const file = files.get(pathOf(target))
  if (file) sendFile(exchange, file)
  else exchange.reply(404)
}

/** Also of the absolute form, which every server has to understand (RFC 9112 §3.2.2). */
function pathOf(target: string): string {
  const path = target.startsWith('/') ? target : target.replace(/^https?:\/\/[^/?]*/i, '')
  const query = path.indexOf('?')
  return query < 0 ? path : path.slice(0, query)
}

function sendFile(exchange: Exchange, { body, tag, fields }: File): void {
  const { length } = body
  const { status, from, to } = select(exchange.head, { length, tag, modified: null })
  const date = `Date: ${httpDate()}\r\n`
  if (status === 304) {
    exchange.sendHead(`HTTP/1.1 304 Not Modified\r\n${fields}${date}`)
    return exchange.end()
  }
  if (status === 416) return exchange.reply(416, '', [['Content-Range', `bytes */${length}`]])
  const part = status === 206 ? `Content-Range: bytes ${from}-${to - 1}/${length}\r\n` : ''
  const line = status === 206 ? 'HTTP/1.1 206 Partial Content' : 'HTTP/1.1 200 OK'
  exchange.sendHead(`${line}\r\n${fields}${date}${part}Content-Length: ${to - from}\r\n`)
  if (exchange.head.method === 'HEAD') return exchange.end()
  sendSlowly(exchange, body.subarray(from, to))
}
// #endregion origin

const PIECE = 65_536

/** As fast as the client reads, and no faster. */
export function sendSlowly(exchange: Exchange, body: Buffer): void {
  let at = 0
  const goOn = (): void => {
    while (at < body.length) {
      const piece = body.subarray(at, at + PIECE)
      at += piece.length
      if (!exchange.write(piece) && at < body.length) return
    }
    exchange.end()
  }
  exchange.listener = { onDrain: goOn }
  goOn()
}

let dated = { second: -1, text: '' }

/** Made once a second (RFC 9110 §6.6.1). */
export function httpDate(now = Date.now()): string {
  const second = Math.floor(now / 1000)
  if (second !== dated.second) dated = { second, text: new Date(second * 1000).toUTCString() }
  return dated.text
}
