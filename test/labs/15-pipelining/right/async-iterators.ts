// Async generators on both sides: the client reads answers with for await, and a POST never follows what is
// unanswered; the server pulls requests from an iterator, with a count of those that wait.
import { once } from 'node:events'
import net, { type Socket } from 'node:net'
import { formatRequest, formatResponse } from '../../../../labs/kit/format.ts'
import {
  field,
  type Handler,
  type Headers,
  type Request,
  type Response,
  type RunningServer,
} from '../../../../labs/kit/http.ts'
import { MessageReader } from '../../../../labs/kit/message-reader.ts'

type Outcome = { readonly response: Response } | { readonly unanswered: 'not-repeatable' | 'gave-up' }

const says = (headers: Headers, option: string): boolean =>
  (field(headers, 'connection') ?? '').split(',').some((one) => one.trim().toLowerCase() === option)
const REPEATABLE = /^(GET|HEAD|OPTIONS|TRACE|PUT|DELETE)$/
const HARMLESS = /^(GET|HEAD|OPTIONS|TRACE)$/

async function* answersOf(socket: Socket): AsyncGenerator<Response> {
  const reader = new MessageReader('response')
  try {
    for await (const chunk of socket)
      for (const answer of reader.push(chunk as Buffer)) if (answer.status >= 200) yield answer
  } catch (error) {
    // A reset, or no HTTP: nothing more comes than what was whole before it.
    for (const answer of (error as { messages?: Response[] }).messages ?? [])
      if (answer.status >= 200) yield answer
  }
}

export async function pipeline(
  port: number,
  requests: readonly Request[],
  { depth = Infinity }: { depth?: number } = {},
): Promise<Outcome[]> {
  const outcomes: Array<Outcome | undefined> = requests.map(() => undefined)
  const sends = requests.map(() => 0)
  for (let first = true; outcomes.includes(undefined); first = false) {
    const socket = net.connect({ port, host: '127.0.0.1', noDelay: true })
    try {
      await once(socket, 'connect')
    } catch (error) {
      if (first) throw error
      return outcomes.map((outcome) => outcome ?? { unanswered: 'gave-up' })
    }
    socket.on('error', () => undefined)
    const todo = [...requests.keys()].filter((i) => outcomes[i] === undefined)
    const sent: number[] = []
    let proven = false
    const push = (): void => {
      while (todo.length > 0) {
        const i = todo[0] as number
        if (sent.length >= (proven ? depth : 1)) return
        if (sent.length > 0 && ![i, ...sent].every((k) => REPEATABLE.test(requests[k]!.method))) return
        todo.shift()
        sent.push(i)
        sends[i]!++
        socket.write(formatRequest(requests[i]!))
      }
    }
    push()
    for await (const response of answersOf(socket)) {
      const i = sent.shift()
      if (i === undefined) break
      outcomes[i] = { response }
      proven =
        !says(response.headers, 'close') &&
        (response.version === '1.1' || says(response.headers, 'keep-alive'))
      if (!proven || (sent.length === 0 && todo.length === 0)) break
      push()
    }
    socket.destroy()
    if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve))
    for (const i of sent) {
      if (!REPEATABLE.test(requests[i]!.method)) outcomes[i] = { unanswered: 'not-repeatable' }
      else if (sends[i]! >= 2) outcomes[i] = { unanswered: 'gave-up' }
    }
  }
  return outcomes as Outcome[]
}

/** What comes behind the last request is read and thrown away: resume() would do nothing beside an iterator. */
async function drained(chunks: AsyncIterator<unknown>): Promise<void> {
  try {
    while ((await chunks.next()).done !== true);
  } catch {
    // A reset.
  }
}

export async function servePipelined(
  handler: Handler,
  { maxWaiting }: { maxWaiting: number },
): Promise<RunningServer> {
  const stops = new Set<() => void>()
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => void converse(socket))
  async function converse(socket: Socket): Promise<void> {
    socket.on('error', () => undefined)
    const now = { stopped: false, waiting: 0 }
    let stop = (): void => undefined
    const stopping = new Promise<null>((resolve) => (stop = () => ((now.stopped = true), resolve(null))))
    stops.add(stop)
    socket.once('close', () => {
      stops.delete(stop)
      stop()
    })
    let wake = (): void => undefined
    const change = (): Promise<void> => new Promise((resolve) => (wake = resolve))
    let tail: Promise<void> = Promise.resolve()
    const give = (request: Request): void => {
      now.waiting++
      const response = Promise.resolve(handler(request))
      const last = says(request.headers, 'close')
      tail = tail.then(async () => {
        const answer = await response
        if (socket.writable) {
          const mark = last && !says(answer.headers, 'close')
          const bytes = formatResponse(
            mark ? { ...answer, headers: [['Connection', 'close'], ...answer.headers] } : answer,
          )
          await new Promise<void>((resolve) => socket.write(bytes, () => resolve()))
          if (last || says(answer.headers, 'close')) {
            socket.end()
            stop()
          }
        }
        now.waiting--
        wake()
      })
    }
    const chunks = socket.iterator({ destroyOnReturn: false })
    const reader = new MessageReader('request')
    conversation: for (;;) {
      const next = await Promise.race([chunks.next().catch(() => null), stopping])
      if (next === null || next.done) break
      for (const request of reader.push(next.value as Buffer)) {
        const alone = !HARMLESS.test(request.method)
        const isFull = (): boolean => (alone ? now.waiting > 0 : now.waiting >= maxWaiting)
        while (!now.stopped && isFull()) await Promise.race([change(), stopping])
        if (now.stopped) break conversation
        give(request)
        if (says(request.headers, 'close')) break conversation
        while (!now.stopped && isFull()) await Promise.race([change(), stopping])
        if (now.stopped) break conversation
      }
    }
    void drained(chunks)
    await tail
    socket.end()
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as net.AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const stop of stops) stop()
      }),
  }
}
