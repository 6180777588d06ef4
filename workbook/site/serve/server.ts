import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { CourseError } from '../../course/course-error.ts'
import type { Output } from '../site.ts'
import { EventStream } from './events.ts'
import { missingHtml, problemsHtml, withEvents } from './overlay.ts'
import { hearTick, type OnTick } from './ticks.ts'

/** What there is to show: the built site, or what stops the build. */
export type State = { readonly output: Output } | { readonly problems: readonly CourseError[] }

export interface SiteServer {
  /** `http://127.0.0.1:PORT/` */
  readonly url: string
  show(state: State): void
  /** Sends a named event to every open page. */
  send(name: string, data: unknown): void
  /** The same for a state: a page that is opened later gets the last one. */
  keep(name: string, data: unknown): void
  close(): Promise<void>
}

/**
 * Serves the site to this machine alone, from memory: what was not built is not there.
 *
 * @param port - 0 lets the system choose.
 * @param onTick - Writes what a reader has predicted; without it nothing is taken.
 */
export async function openServer(port: number, onTick?: OnTick): Promise<SiteServer> {
  const events = new EventStream()
  let state: State = { problems: [] }
  const server = createServer((request, response) => {
    response.setHeader('x-content-type-options', 'nosniff')
    const tick = onTick && request.method === 'POST' && pathOf(request) === '/predictions'
    const refusal = refusalOf(request, portOf(server), tick === true)
    if (refusal) answer(request, response, refusal)
    else if (tick)
      void hearTick(request, onTick).then((reply) => answer(request, response, { type: TEXT, ...reply }))
    else if (pathOf(request) === '/events') events.attach(request, response)
    else answer(request, response, replyTo(pathOf(request), state))
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${portOf(server)}/`,
    show: (next) => void (state = next),
    send: (name, data) => events.send(name, data),
    keep: (name, data) => events.keep(name, data),
    async close() {
      // In this order: whoever sees the end of a connection finds nobody listening any more.
      const closed = once(server, 'close')
      server.close()
      events.close()
      server.closeAllConnections()
      await closed
    },
  }
}

// --- internal ---

interface Reply {
  readonly status: number
  readonly type: string
  readonly body: string
  readonly fields?: Readonly<Record<string, string>>
}

const HTML = 'text/html; charset=utf-8'
const TEXT = 'text/plain; charset=utf-8'
const TYPES: Readonly<Record<string, string>> = {
  html: HTML,
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
}

/** A page elsewhere may lead its own name to 127.0.0.1 (DNS rebinding): then Host tells. */
function refusalOf({ method, headers }: IncomingMessage, port: number, mayWrite: boolean): Reply | null {
  const hosts = ['127.0.0.1', 'localhost', '[::1]'].map((name) => `${name}:${port}`)
  if (!hosts.includes(headers.host ?? ''))
    return { status: 403, type: TEXT, body: `Ask as ${hosts.join(' or ')}.\n` }
  if (method === 'GET' || method === 'HEAD' || mayWrite) return null
  return { status: 405, type: TEXT, body: 'Only GET and HEAD.\n', fields: { allow: 'GET, HEAD' } }
}

/** The path as sent, decoded and not resolved; null where it cannot be decoded. */
function pathOf({ url = '' }: IncomingMessage): string | null {
  const [path = ''] = url.split(/[?#]/)
  try {
    return decodeURIComponent(path)
  } catch {
    return null
  }
}

function replyTo(path: string | null, state: State): Reply {
  if (path === null || /\\|\0|(?:^|\/)\.\.(?:\/|$)/.test(path))
    return { status: 400, type: TEXT, body: 'No such path.\n' }
  const file = path.slice(1) + (path.endsWith('/') ? 'index.html' : '')
  const ending = /\.(\w+)$/.exec(file)?.[1] ?? ''
  const type = TYPES[ending] ?? TEXT
  if ('problems' in state) {
    return type === HTML || ending === ''
      ? { status: 500, type: HTML, body: problemsHtml(state.problems) }
      : { status: 404, type: TEXT, body: 'Not built.\n' }
  }
  const body = state.output.get(file)?.()
  if (body === undefined) return { status: 404, type: HTML, body: missingHtml(file) }
  return { status: 200, type, body: type === HTML ? withEvents(body) : body }
}

function answer({ method }: IncomingMessage, response: ServerResponse, reply: Reply): void {
  const bytes = Buffer.from(reply.body)
  response.writeHead(reply.status, {
    'content-type': reply.type,
    'content-length': bytes.length,
    'cache-control': 'no-store',
    ...reply.fields,
  })
  response.end(method === 'HEAD' ? undefined : bytes)
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}
