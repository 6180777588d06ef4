// State machines driven by events: a connection has a job, rests, or has ended; nothing is awaited, and what is no HTTP is refused at its first byte.
/* oxlint-disable max-lines -- a pool, as one file is handed in */
import { connect, type Socket } from 'node:net'
import { takeChunked } from '../../../../labs/kit/chunked.ts'
import { formatRequest } from '../../../../labs/kit/format.ts'
import { parseHead, parseResponseHead } from '../../../../labs/kit/head.ts'
import type { Address, Headers, Request, Response } from '../../../../labs/kit/http.ts'
import { field } from '../../../../labs/kit/http.ts'

export interface PoolOptions {
  /** Connections to one origin, idle ones and those being opened included. */
  readonly maxPerOrigin: number
  /** Requests that may wait for a place at one origin. */
  readonly maxWaiting: number
  /** How long a connection may be idle, in milliseconds. */
  readonly idleMs: number
  /** How long before the end of a server's `Keep-Alive: timeout` an idle connection ends, in milliseconds. */
  readonly marginMs: number
}

export interface Counts {
  /** Connections: being opened, in use, or idle. */
  readonly open: number
  /** Those of them that nobody uses. */
  readonly idle: number
  /** Requests that wait for a place. */
  readonly waiting: number
}

const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'])
/** A longer time than this is no time for setTimeout. */
const LONGEST_TIMER = 2 ** 31 - 1

/** Sends the requests of many callers over few connections. */
export class Pool {
  readonly options: PoolOptions
  readonly #origins = new Map<string, Origin>()
  /** What has to be gone before `close()` is done: jobs and sockets. */
  readonly #alive = new Set<object>()
  readonly #closers: Array<() => void> = []
  #isClosing = false

  constructor(options: PoolOptions) {
    this.options = options
  }

  request(
    address: Address,
    request: Partial<Request>,
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<Response> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      if (this.#isClosing) return reject(coded('EPOOLCLOSED', 'the pool is closed'))
      const origin = this.#origin(address)
      const job = new Job(address, request, signal, resolve, reject)
      this.#alive.add(job)
      job.onSettled = () => this.#gone(job)
      job.listen(() => origin.abort(job))
      origin.admit(job)
    })
  }

  get counts(): Counts {
    const origins = [...this.#origins.values()]
    const sum = (count: (origin: Origin) => number) =>
      origins.reduce((total, origin) => total + count(origin), 0)
    return {
      open: sum(({ lines }) => lines.size),
      idle: sum(({ idle }) => idle.length),
      waiting: sum(({ queue }) => queue.length),
    }
  }

  /** Refuses newcomers, and resolves when everything that was under way is finished and nothing is open. */
  close(): Promise<void> {
    this.#isClosing = true
    for (const origin of this.#origins.values()) origin.endIdle()
    return new Promise((resolve) => {
      this.#closers.push(resolve)
      this.#gone(null)
    })
  }

  #gone(what: object | null): void {
    if (what) this.#alive.delete(what)
    if (this.#isClosing && this.#alive.size === 0) for (const done of this.#closers.splice(0)) done()
  }

  #origin(address: Address): Origin {
    const key = `${address.port} ${address.host.toLowerCase()}`
    const known = this.#origins.get(key)
    if (known) return known
    const origin = new Origin(address, this.options, {
      isClosing: () => this.#isClosing,
      opened: (socket) => {
        this.#alive.add(socket)
        socket.once('close', () => this.#gone(socket))
      },
      emptied: () => this.#origins.delete(key),
    })
    this.#origins.set(key, origin)
    return origin
  }
}

/** One request of one caller, from the call until its promise settles. */
class Job {
  readonly method: string
  readonly bytes: Buffer
  readonly saysClose: boolean
  line: Line | null = null
  onSettled = (): void => {}
  readonly #signal: AbortSignal | undefined
  readonly #resolve: (response: Response) => void
  readonly #reject: (reason: unknown) => void
  #onAbort = (): void => {}

  constructor(
    address: Address,
    request: Partial<Request>,
    signal: AbortSignal | undefined,
    resolve: (response: Response) => void,
    reject: (reason: unknown) => void,
  ) {
    const { method = 'GET', target = '/', headers = [], body = new Uint8Array() } = request
    const fields: Headers =
      field(headers, 'host') === null ? [['Host', hostOf(address)], ...headers] : headers
    this.method = method
    this.bytes = formatRequest({ method, target, version: '1.1', headers: fields, body })
    this.saysClose = tokens(headers, 'connection').includes('close')
    this.#signal = signal
    this.#resolve = resolve
    this.#reject = reject
  }

  get isAborted(): boolean {
    return this.#signal?.aborted ?? false
  }

  get reason(): unknown {
    return this.#signal?.reason
  }

  listen(onAbort: () => void): void {
    this.#onAbort = onAbort
    this.#signal?.addEventListener('abort', onAbort)
  }

  resolve(response: Response): void {
    this.#settle()
    this.#resolve(response)
  }

  reject(reason: unknown): void {
    this.#settle()
    this.#reject(reason)
  }

  #settle(): void {
    this.#signal?.removeEventListener('abort', this.#onAbort)
    this.onSettled()
  }
}

interface Surroundings {
  isClosing(): boolean
  opened(socket: Socket): void
  emptied(): void
}

/** The places of one origin: each line in `lines` holds one, whatever it does. */
class Origin {
  readonly lines = new Set<Line>()
  /** The one that was used last stands last. */
  readonly idle: Line[] = []
  readonly queue: Job[] = []
  readonly #address: Address
  readonly #options: PoolOptions
  readonly #around: Surroundings

  constructor(address: Address, options: PoolOptions, around: Surroundings) {
    this.#address = address
    this.#options = options
    this.#around = around
  }

  admit(job: Job): void {
    const line = this.idle.pop()
    if (line) line.run(job)
    else if (this.lines.size < this.#options.maxPerOrigin) this.#open(job)
    else if (this.queue.length < this.#options.maxWaiting) this.queue.push(job)
    else job.reject(coded('EPOOLFULL', `${this.queue.length} requests wait already`))
  }

  abort(job: Job): void {
    const at = this.queue.indexOf(job)
    if (at >= 0) this.queue.splice(at, 1)
    const { line } = job
    job.reject(job.reason)
    line?.end()
    if (line) this.#leave(line)
  }

  endIdle(): void {
    for (const line of this.idle.splice(0)) {
      line.end()
      this.#leave(line)
    }
  }

  /** The answer is whole; `ms` is how long the line may be kept, 0 for not at all. */
  finished(line: Line, ms: number): void {
    const next = ms > 0 ? this.#next() : undefined
    if (next) return line.run(next)
    if (ms > 0 && !this.#around.isClosing()) {
      this.idle.push(line)
      return line.rest(ms)
    }
    line.end()
    this.#leave(line)
  }

  /** The line has ended while nobody used it. */
  died(line: Line): void {
    const at = this.idle.indexOf(line)
    if (at >= 0) this.idle.splice(at, 1)
    this.#leave(line)
  }

  /** The line has ended under a job. */
  failed(line: Line, job: Job, error: Error, isRace: boolean): void {
    if (isRace && IDEMPOTENT.has(job.method) && !job.isAborted) {
      this.lines.delete(line)
      return this.#open(job)
    }
    job.reject(job.isAborted ? job.reason : error)
    this.#leave(line)
  }

  #leave(line: Line): void {
    this.lines.delete(line)
    while (this.lines.size < this.#options.maxPerOrigin) {
      const job = this.#next()
      if (!job) break
      this.#open(job)
    }
    if (this.lines.size === 0 && this.queue.length === 0) this.#around.emptied()
  }

  /** A signal may belong to several jobs: whoever is aborted already gets no place. */
  #next(): Job | undefined {
    const at = this.queue.findIndex((job) => !job.isAborted)
    return at < 0 ? undefined : this.queue.splice(at, 1)[0]
  }

  #open(job: Job): void {
    try {
      const { host, port } = this.#address
      const socket = connect({ host, port, noDelay: true })
      this.#around.opened(socket)
      const line = new Line(socket, this, this.#options)
      this.lines.add(line)
      line.run(job)
    } catch (error) {
      job.reject(error)
    }
  }
}

/** One connection. It has a job, or it rests, or it has ended. */
class Line {
  readonly #socket: Socket
  readonly #origin: Origin
  readonly #options: PoolOptions
  #job: Job | null = null
  #bytes = Buffer.alloc(0)
  /** Whether bytes of an answer have come for this job, interim ones included. */
  #hasBegun = false
  #isUsed = false
  #isEnded = false
  #timer: NodeJS.Timeout | undefined

  constructor(socket: Socket, origin: Origin, options: PoolOptions) {
    this.#socket = socket
    this.#origin = origin
    this.#options = options
    socket.on('data', (chunk) => this.#onData(chunk))
    socket.on('end', () => this.#onEnd())
    socket.on('error', (error: NodeJS.ErrnoException) =>
      this.#fail(error.code === 'EPIPE' ? coded('ECONNRESET', 'the connection was reset') : error),
    )
    socket.on('close', () => this.#fail(coded('ECONNRESET', 'the connection has gone')))
  }

  run(job: Job): void {
    clearTimeout(this.#timer)
    this.#job = job
    job.line = this
    this.#bytes = Buffer.alloc(0)
    this.#hasBegun = false
    this.#socket.write(job.bytes)
  }

  rest(ms: number): void {
    const step = Math.min(ms, LONGEST_TIMER)
    this.#timer = setTimeout(() => {
      if (ms > step) return this.rest(ms - step)
      this.end()
      this.#origin.died(this)
    }, step)
  }

  end(): void {
    clearTimeout(this.#timer)
    this.#isEnded = true
    this.#release()
    this.#socket.destroy()
  }

  #release(): void {
    if (this.#job) this.#job.line = null
    this.#job = null
  }

  #onData(chunk: Buffer): void {
    if (this.#isEnded) return
    if (!this.#job) return this.#fail(new Error('bytes that nobody has asked for'))
    this.#hasBegun = true
    this.#bytes = Buffer.concat([this.#bytes, chunk])
    this.#look(false)
  }

  #onEnd(): void {
    if (this.#isEnded) return
    if (this.#job && this.#hasBegun) this.#look(true)
    this.#fail(coded('ECONNRESET', 'the connection ended before the answer did'))
  }

  #look(isAtEnd: boolean): void {
    const job = this.#job as Job
    try {
      const answer = takeAnswer(this.#bytes, job.method, isAtEnd)
      if (answer) this.#finish(job, answer)
    } catch (error) {
      this.#fail(error as Error)
    }
  }

  #finish(job: Job, { response, length, isToTheEnd }: Answer): void {
    const mayStay = !isToTheEnd && length === this.#bytes.length && !job.saysClose
    this.#release()
    this.#isUsed = true
    const ms = mayStay ? timeToKeep(response, this.#options) : 0
    if (ms <= 0) this.end()
    job.resolve(response)
    this.#origin.finished(this, ms)
  }

  #fail(error: Error): void {
    if (this.#isEnded) return
    const job = this.#job
    this.end()
    if (job) this.#origin.failed(this, job, error, this.#isUsed && !this.#hasBegun)
    else this.#origin.died(this)
  }
}

interface Answer {
  readonly response: Response
  readonly length: number
  readonly isToTheEnd: boolean
}

/** Takes the answer off the front of the bytes; null while it is not whole. */
function takeAnswer(bytes: Buffer, method: string, isAtEnd: boolean): Answer | null {
  for (let at = 0; ;) {
    const rest = bytes.subarray(at)
    const start = rest.subarray(0, 5).toString('latin1')
    if (!'HTTP/'.startsWith(start)) throw coded('BAD_HEAD', 'this is no HTTP')
    const head = parseHead(rest)
    if (!head) return null
    const answer = parseResponseHead(head)
    at += head.length
    if (answer.status >= 200) return withBody(answer, bytes, at, method, isAtEnd)
  }
}

function withBody(
  answer: Omit<Response, 'body'>,
  bytes: Buffer,
  at: number,
  method: string,
  isAtEnd: boolean,
): Answer | null {
  const whole = (body: Buffer, length: number, isToTheEnd = false): Answer => ({
    response: { ...answer, body: Uint8Array.from(body) },
    length: at + length,
    isToTheEnd,
  })
  if (method === 'HEAD' || answer.status === 204 || answer.status === 304) return whole(Buffer.alloc(0), 0)
  const rest = bytes.subarray(at)
  if (tokens(answer.headers, 'transfer-encoding').includes('chunked')) {
    const chunked = takeChunked(rest)
    return chunked && whole(chunked.body, chunked.length)
  }
  const stated = field(answer.headers, 'content-length')
  if (stated === null) return isAtEnd ? whole(rest, rest.length, true) : null
  if (!/^\d+$/.test(stated)) throw coded('BAD_LENGTH', `not a length: ${stated}`)
  const length = Number(stated)
  return rest.length < length ? null : whole(rest.subarray(0, length), length)
}

/** For how long a connection may be kept after this answer; 0 or less for not at all. */
function timeToKeep({ version, headers }: Response, options: PoolOptions): number {
  const connection = tokens(headers, 'connection')
  const keepsAlive = connection.includes('keep-alive')
  if (connection.includes('close') || (version === '1.0' && !keepsAlive)) return 0
  const seconds = keepsAlive ? hint(headers) : null
  if (seconds === null) return options.idleMs
  return Math.min(options.idleMs, seconds * 1000 - options.marginMs)
}

function hint(headers: Headers): number | null {
  for (const parameter of tokens(headers, 'keep-alive')) {
    const seconds = /^timeout\s*=\s*(\d+)$/.exec(parameter)?.[1]
    if (seconds !== undefined) return Number(seconds)
  }
  return null
}

function tokens(headers: Headers, name: string): string[] {
  const list = field(headers, name) ?? ''
  return list.split(',').map((member) => member.trim().toLowerCase())
}

function hostOf({ host, port }: Address): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}

function coded(code: string, message: string): Error {
  return Object.assign(new Error(message), { code })
}
