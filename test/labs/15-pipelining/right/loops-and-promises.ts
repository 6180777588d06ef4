// Promises: a loop that sends and a loop that reads on each connection, which tell each other to look
// again; so do a loop that pulls requests from an iterator and one that writes their answers in the server.
import { once } from 'node:events'
import { createConnection, createServer, type AddressInfo, type Socket } from 'node:net'
import { formatRequest, formatResponse } from '../../../../labs/kit/format.ts'
import {
  field,
  type Handler,
  type Request,
  type Response,
  type RunningServer,
} from '../../../../labs/kit/http.ts'
import { MessageReader } from '../../../../labs/kit/message-reader.ts'

type Outcome = { response: Response } | { unanswered: 'not-repeatable' | 'gave-up' }
type Task = { readonly request: Request; tries: number; outcome?: Outcome }

const IDEMPOTENT = ['GET', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE']
const isIdempotent = ({ request }: Task): boolean => IDEMPOTENT.includes(request.method)

export async function pipeline(
  port: number,
  requests: Request[],
  options: { depth?: number } = {},
): Promise<Outcome[]> {
  const tasks: Task[] = requests.map((request) => ({ request, tries: 0 }))
  const open = (): Task[] => tasks.filter(({ outcome }) => !outcome)
  for (let round = 0; open().length > 0; round++) {
    let socket: Socket
    try {
      socket = await dial(port)
    } catch (error) {
      if (round === 0) throw error
      for (const task of open()) task.outcome = { unanswered: 'gave-up' }
      break
    }
    await talk(socket, open(), options.depth ?? requests.length)
    for (const task of open().filter(({ tries }) => tries > 0)) {
      if (!isIdempotent(task)) task.outcome = { unanswered: 'not-repeatable' }
      else if (task.tries === 2) task.outcome = { unanswered: 'gave-up' }
    }
  }
  return tasks.map(({ outcome }) => outcome as Outcome)
}

async function dial(port: number): Promise<Socket> {
  const socket = createConnection({ port, host: '127.0.0.1' }).setNoDelay(true)
  await once(socket, 'connect')
  return socket
}

/** A door at which one waits until another one has changed something. */
class Bell {
  #ring: () => void = () => undefined
  #rung: Promise<void> = this.#next()

  ring(): void {
    this.#ring()
    this.#rung = this.#next()
  }

  wait(): Promise<void> {
    return this.#rung
  }

  #next(): Promise<void> {
    return new Promise((resolve) => (this.#ring = resolve))
  }
}

type State = { proven: boolean; over: boolean; readonly bell: Bell; readonly sent: Task[] }

async function talk(socket: Socket, tasks: readonly Task[], depth: number): Promise<void> {
  const closed = new Promise((resolve) => socket.once('close', resolve))
  socket.on('error', () => undefined)
  const state: State = { proven: false, over: false, bell: new Bell(), sent: [] }
  await Promise.all([sendAll(socket, tasks, depth, state), readAll(socket, tasks.length, state)])
  socket.destroy()
  await closed
}

async function sendAll(socket: Socket, tasks: readonly Task[], depth: number, state: State): Promise<void> {
  const { sent, bell } = state
  for (const task of tasks) {
    const mayGo = (): boolean =>
      sent.length === 0 || (state.proven && sent.length < depth && sent.every(isIdempotent))
    while (!state.over && !mayGo()) await bell.wait()
    if (state.over) return
    sent.push(task)
    task.tries++
    socket.write(formatRequest(task.request))
  }
}

async function readAll(socket: Socket, count: number, state: State): Promise<void> {
  const reader = new MessageReader('response')
  let left = count
  const take = (responses: readonly Response[]): void => {
    for (const response of responses.filter(({ status }) => status >= 200)) {
      const task = state.over ? undefined : state.sent.shift()
      if (task) task.outcome = { response }
      if (task) left--
      state.proven = persists(response)
      state.over ||= !task || !state.proven || left === 0
    }
  }
  try {
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      take(reader.push(chunk))
      state.bell.ring()
      if (state.over) return
    }
  } catch (error) {
    // Whatever has ended it, the outcomes tell what is there: what was whole before it, too.
    take((error as { messages?: Response[] }).messages ?? [])
  } finally {
    state.over = true
    state.bell.ring()
  }
}

function optionsOf({ headers }: Pick<Request, 'headers'>): Set<string> {
  const list = field(headers, 'connection') ?? ''
  return new Set(list.split(',').map((option) => option.trim().toLowerCase()))
}

function persists(response: Response): boolean {
  const options = optionsOf(response)
  return !options.has('close') && (response.version === '1.1' || options.has('keep-alive'))
}

type Due = { readonly request: Request; readonly response: Promise<Response> }
type Client = { over: boolean; readonly socket: Socket; readonly bell: Bell; readonly due: Due[] }

const SAFE = ['GET', 'HEAD', 'OPTIONS', 'TRACE']

export async function servePipelined(
  handler: Handler,
  { maxWaiting }: { maxWaiting: number },
): Promise<RunningServer> {
  const clients = new Set<Client>()
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const client = { socket, over: false, bell: new Bell(), due: [] }
    clients.add(client)
    socket.once('close', () => clients.delete(client))
    socket.on('error', () => undefined)
    void Promise.all([takeAll(client, handler, maxWaiting), answerAll(client)])
  })
  server.listen({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const gone = once(server, 'close')
      server.close()
      for (const client of clients) stop(client)
      await gone
    },
  }
}

function stop(client: Client): void {
  client.over = true
  client.bell.ring()
}

/** While it waits for room, the iterator does not read on. */
async function takeAll(client: Client, handler: Handler, maxWaiting: number): Promise<void> {
  const { socket, bell, due } = client
  const isSafe = ({ method }: Request): boolean => SAFE.includes(method)
  const fits = (next: Request): boolean =>
    due.length === 0 ||
    (due.length < maxWaiting && isSafe(next) && due.every(({ request }) => isSafe(request)))
  const reader = new MessageReader('request')
  try {
    for await (const chunk of socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      if (client.over) continue
      for (const request of reader.push(chunk)) {
        while (!client.over && !fits(request)) await bell.wait()
        if (client.over) break
        due.push({ request, response: (async () => handler(request))() })
        bell.ring()
        if (optionsOf(request).has('close')) stop(client)
      }
      while (!client.over && due.length >= maxWaiting) await bell.wait()
    }
  } catch {
    // A reset: nobody is there to be answered.
  }
  stop(client)
}

async function answerAll(client: Client): Promise<void> {
  const { socket, bell, due } = client
  for (;;) {
    while (due.length === 0 && !client.over) await bell.wait()
    const [next] = due
    if (!next) return void socket.end()
    const isLast = await answer(socket, next.request, await next.response)
    due.shift()
    if (isLast) due.length = 0
    if (isLast) client.over = true
    bell.ring()
  }
}

/** @returns Whether it was the last one. */
async function answer(socket: Socket, request: Request, response: Response): Promise<boolean> {
  const isLast = optionsOf(request).has('close') || optionsOf(response).has('close')
  const others = response.headers.filter(([name]) => name.toLowerCase() !== 'connection')
  const headers = isLast
    ? ([['CONNECTION', 'close'], ...others] as const)
    : ([['Server', 'one'], ...others] as const)
  const bytes = formatResponse({ ...response, reason: '', headers })
  await new Promise<void>((resolve) => socket.write(bytes, () => resolve()))
  return isLast
}
