// Events and classes, HTTP by hand on the client's side: each request in a write of its own, head and
// body of an answer in two, handlers side by side with a slot for each answer, extra fields everywhere.
import net, { type AddressInfo, type Socket } from 'node:net'
import type { Handler, Request, Response, RunningServer } from '../../../../labs/kit/http.ts'
import { MessageReader } from '../../../../labs/kit/message-reader.ts'

type Outcome = { response: Response } | { unanswered: 'not-repeatable' | 'gave-up' }

const REPEATABLE = /^(?:GET|HEAD|OPTIONS|TRACE|PUT|DELETE)$/
const SAFE = /^(?:GET|HEAD|OPTIONS|TRACE)$/

const says = (message: Pick<Request, 'headers'>, option: string): boolean =>
  message.headers
    .filter(([name]) => name.toLowerCase() === 'connection')
    .flatMap(([, value]) => value.split(','))
    .some((each) => each.trim().toLowerCase() === option)

interface Job {
  readonly request: Request
  readonly index: number
  sent: number
}

export function pipeline(
  port: number,
  requests: Request[],
  { depth = Number.MAX_SAFE_INTEGER }: { depth?: number } = {},
): Promise<Outcome[]> {
  return new Promise((resolve, reject) => {
    const outcomes: Outcome[] = []
    let jobs = requests.map((request, index): Job => ({ request, index, sent: 0 }))
    let isFirst = true
    const answer = ({ index }: Job, outcome: Outcome): void => void (outcomes[index] = outcome)
    const again = (): void => {
      if (jobs.length === 0) return resolve(outcomes)
      new Conversation(jobs, depth, answer).run(port, (error) => {
        if (error && isFirst) return reject(error)
        isFirst = false
        jobs = jobs.filter((job) => {
          if (outcomes[job.index]) return false
          if (error) answer(job, { unanswered: 'gave-up' })
          else if (job.sent > 0 && !REPEATABLE.test(job.request.method))
            answer(job, { unanswered: 'not-repeatable' })
          else if (job.sent > 1) answer(job, { unanswered: 'gave-up' })
          return outcomes[job.index] === undefined
        })
        again()
      })
    }
    again()
  })
}

/** One connection of the client's. */
class Conversation {
  private readonly unsent: Job[]
  private readonly depth: number
  private readonly answer: (job: Job, outcome: Outcome) => void
  private readonly waiting: Job[] = []
  private readonly reader = new MessageReader('response')
  private readonly socket = new net.Socket()
  private isProven = false
  private isOver = false

  constructor(jobs: readonly Job[], depth: number, answer: (job: Job, outcome: Outcome) => void) {
    this.unsent = [...jobs]
    this.depth = depth
    this.answer = answer
  }

  run(port: number, done: (error: Error | null) => void): void {
    let failure: Error | null = null
    let isConnected = false
    this.socket.on('connect', () => {
      isConnected = true
      this.fill()
    })
    this.socket.on('data', (chunk) => this.read(chunk))
    this.socket.on('error', (error) => (failure = error))
    this.socket.on('close', () => done(isConnected ? null : failure))
    this.socket.connect({ port, host: '127.0.0.1', noDelay: true })
  }

  private fill(): void {
    for (let job = this.unsent[0]; job && this.hasRoom(job); job = this.unsent[0]) {
      this.unsent.shift()
      this.waiting.push(job)
      job.sent += 1
      this.send(job.request)
    }
  }

  /** A request that must not be repeated goes alone here: it follows nothing, and nothing follows it. */
  private hasRoom({ request }: Job): boolean {
    if (this.waiting.length === 0) return true
    const all = [request, ...this.waiting.map((job) => job.request)]
    return (
      this.isProven && this.waiting.length < this.depth && all.every(({ method }) => REPEATABLE.test(method))
    )
  }

  private send({ method, target, version, headers, body }: Request): void {
    const lines = headers.map(([name, value]) => `${name.toUpperCase()}:${value}`)
    const length = body.length > 0 ? [`content-length: ${body.length}`] : []
    const head = [`${method} ${target} HTTP/${version}`, 'X-Extra: 1', ...length, ...lines, '', '']
    this.socket.write(head.join('\r\n'), 'latin1')
    if (body.length > 0) this.socket.write(body)
  }

  private read(chunk: Buffer): void {
    try {
      this.reader.push(chunk).forEach((response) => this.take(response))
    } catch (error) {
      // What was whole before it has been answered.
      const { messages = [] } = error as { messages?: Response[] }
      messages.forEach((response) => this.take(response))
      this.end()
    }
    if (!this.isOver) this.fill()
  }

  private take(response: Response): void {
    if (this.isOver || response.status < 200) return
    const job = this.waiting.shift()
    if (!job) return this.end()
    this.answer(job, { response })
    this.isProven = !says(response, 'close') && (response.version === '1.1' || says(response, 'keep-alive'))
    if (!this.isProven || this.unsent.length + this.waiting.length === 0) this.end()
  }

  private end(): void {
    this.isOver = true
    this.socket.destroy()
  }
}

export function servePipelined(handler: Handler, options: { maxWaiting: number }): Promise<RunningServer> {
  return new Promise((resolve, reject) => {
    const channels = new Set<Channel>()
    const server = net.createServer({ allowHalfOpen: true, noDelay: true })
    server.on('connection', (socket) => {
      const channel = new Channel(socket, handler, options.maxWaiting)
      channels.add(channel)
      socket.on('close', () => channels.delete(channel))
    })
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      const close = (): Promise<void> =>
        new Promise((done) => {
          server.close(() => done())
          channels.forEach((channel) => channel.finish())
        })
      resolve({ port, close })
    })
  })
}

/** An answer's place in the order of requests. */
interface Slot {
  readonly isSafe: boolean
  readonly isLast: boolean
  response: Response | null
}

class Channel {
  private readonly socket: Socket
  private readonly handler: Handler
  private readonly maxWaiting: number
  private readonly reader = new MessageReader('request')
  private readonly backlog: Request[] = []
  private readonly slots: Slot[] = []
  private isWriting = false
  private isDeaf = false
  private isClosed = false

  constructor(socket: Socket, handler: Handler, maxWaiting: number) {
    this.socket = socket
    this.handler = handler
    this.maxWaiting = maxWaiting
    socket.on('data', (chunk) => {
      if (!this.isDeaf) this.backlog.push(...this.reader.push(chunk))
      this.go()
    })
    socket.on('end', () => this.finish())
    socket.on('error', () => socket.destroy())
  }

  finish(): void {
    this.isDeaf = true
    this.go()
  }

  private go(): void {
    while (this.backlog.length > 0 && this.isFree(this.backlog[0] as Request)) {
      this.start(this.backlog.shift() as Request)
    }
    const isFull = this.backlog.length > 0 || this.slots.length >= this.maxWaiting
    if (isFull && !this.isDeaf) this.socket.pause()
    else this.socket.resume()
    if (this.isDeaf && this.backlog.length === 0 && this.slots.length === 0) this.hangUp()
  }

  private isFree({ method }: Request): boolean {
    if (this.slots.length >= this.maxWaiting) return false
    return this.slots.length === 0 || (SAFE.test(method) && this.slots.every(({ isSafe }) => isSafe))
  }

  private start(request: Request): void {
    const slot: Slot = { isSafe: SAFE.test(request.method), isLast: says(request, 'close'), response: null }
    this.slots.push(slot)
    if (slot.isLast) {
      this.isDeaf = true
      this.backlog.splice(0)
    }
    Promise.resolve(this.handler(request)).then(
      (response) => this.ready(slot, response),
      () => this.socket.destroy(),
    )
  }

  private ready(slot: Slot, response: Response): void {
    slot.response = response
    this.write()
  }

  private write(): void {
    const [slot] = this.slots
    if (!slot?.response || this.isWriting || this.isClosed) return
    const { status, headers, body } = slot.response
    const isLast = slot.isLast || says(slot.response, 'close')
    const own = headers.filter(([name]) => name.toLowerCase() !== 'connection')
    const lines = own.map(([name, value]) => `${name.toLowerCase()}:   ${value}`)
    const connection = isLast ? 'connection: x-shop , CLOSE' : 'connection: Keep-Alive'
    const head = [`HTTP/1.1 ${status} Fine, thanks`, connection, `content-length: ${body.length}`, ...lines]
    this.isWriting = true
    this.socket.write(`${head.join('\r\n')}\r\n\r\n`, 'latin1')
    this.socket.write(body, () => {
      this.isWriting = false
      this.slots.shift()
      if (isLast) return this.hangUp()
      this.go()
      this.write()
    })
  }

  private hangUp(): void {
    this.isClosed = true
    this.isDeaf = true
    this.backlog.splice(0)
    this.socket.resume()
    this.socket.end()
  }
}
