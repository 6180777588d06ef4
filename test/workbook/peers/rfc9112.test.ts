import { once } from 'node:events'
import net from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Handler, Response } from '../../../labs/kit/http.ts'
import { MessageParser, serveMessages } from '../../../solutions/09-message-framing/framing.ts'
import { serve } from '../../../solutions/12-keep-alive/keep-alive.ts'
import { startSmartProxy } from '../../../solutions/13-dumb-proxy/proxy.ts'
import { ROWS, type Who } from './rfc9112-rows.ts'
import { endAll, nodeServer, urlOf } from './servers.ts'

/** What RFC 9112 says that a server must refuse or accept, section by section, asked of the references over the wire. */

const echo: Handler = ({ method, target, body }) => {
  const text = `${method} ${target} ${Buffer.from(body).toString()}`.trim()
  return { version: '1.1', status: 200, reason: 'OK', headers: [], body: Buffer.from(text) }
}

const ports: Partial<Record<Who, number>> = {}

beforeAll(async () => {
  const origin = await nodeServer((request, response) => {
    let text = ''
    request.setEncoding('utf8').on('data', (more: string) => void (text += more))
    request.on('end', () => response.end(`${request.method} ${request.url} ${text}`.trim()))
  })
  const portOf = async (starting: ReturnType<typeof serve>): Promise<number> =>
    Number(new URL(await urlOf(starting)).port)
  ports.framing = await portOf(serveMessages(echo))
  ports.keepAlive = await portOf(serve(echo, { idleMs: 60_000, maxRequests: 100 }))
  ports.smartProxy = await portOf(startSmartProxy({ host: '127.0.0.1', port: origin }))
})
afterAll(endAll)

describe.each(['framing', 'keepAlive', 'smartProxy'] as const)('%s', (who) => {
  test.each(ROWS)('RFC $section: $what $says', async ({ bytes, shows, others }) => {
    expect(await heardFrom(ports[who] ?? 0, bytes)).toBe(who === 'framing' ? shows : others)
  })
})

/** Sends it, and FIN behind it. @returns The status of each answer, with the body of a good one, and the end. */
async function heardFrom(port: number, bytes: string): Promise<string> {
  const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  const parser = new MessageParser('response')
  const heard: string[] = []
  const told = (messages: ReturnType<MessageParser['push']>): void => {
    for (const message of messages) heard.push(summary(message as Response))
  }
  socket.on('data', (chunk) => told(parser.push(chunk)))
  let reset = false
  socket.on('error', () => void (reset = true))
  socket.end(bytes, 'latin1')
  socket.once('end', () => told(parser.end()))
  await once(socket, 'close')
  return [...heard, reset ? 'RST' : 'FIN'].join(' | ')
}

function summary({ status, body }: Response): string {
  return status < 300 ? `${status} ${Buffer.from(body).toString('latin1')}`.trim() : String(status)
}
