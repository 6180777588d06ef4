import { once } from 'node:events'
import { Socket } from 'node:net'
import { takeChunked } from '../../../../labs/kit/chunked.ts'
import { parseHead, parseResponseHead } from '../../../../labs/kit/head.ts'
import { field, type Address, type Request, type Response } from '../../../../labs/kit/http.ts'

// Promises all the way: a semaphore for places, sockets that are read in pull mode.

type Options = { maxPerOrigin: number; maxWaiting: number; idleMs: number; marginMs: number }
type Signal = AbortSignal | undefined

const never = new AbortController().signal

/** Reads a socket in pull mode. */
class Wire {
  readonly socket = new Socket()
  bytes = Buffer.alloc(0)
  isOver = false
  error: Error | null = null
  fresh = true
  #changed: Array<() => void> = []

  constructor() {
    this.socket.on('readable', () => {
      for (
        let chunk = this.socket.read() as Buffer | null;
        chunk;
        chunk = this.socket.read() as Buffer | null
      )
        this.bytes = Buffer.concat([this.bytes, chunk])
      this.#tell()
    })
    this.socket.on('close', () => this.#tell())
    this.socket.on('end', () => {
      this.isOver = true
      this.#tell()
    })
    this.socket.on('error', (error) => {
      this.error = error
      this.#tell()
    })
  }

  async connect({ host, port }: Address, signal: AbortSignal): Promise<void> {
    this.socket.connect({ host, port })
    await once(this.socket, 'connect', { signal })
  }

  change(): Promise<void> {
    return new Promise((resolve) => this.#changed.push(resolve))
  }

  get isQuiet(): boolean {
    return !this.isOver && !this.error && !this.socket.destroyed && this.bytes.length === 0
  }

  drop(): void {
    this.socket.destroy()
  }

  #tell(): void {
    for (const resolve of this.#changed.splice(0)) resolve()
  }
}

/** Places of one origin, and who waits for one. */
class Places {
  readonly stack: Wire[] = []
  readonly line: Array<{ readonly give: (wire: Wire | null) => void }> = []
  free: number

  constructor(places: number) {
    this.free = places
  }
}

class Lost extends Error {
  readonly code = 'ECONNRESET'
}

export class Pool {
  readonly #options: Options
  readonly #origins = new Map<string, Places>()
  readonly #running = new Set<Promise<unknown>>()
  #over = false

  constructor(options: Options) {
    this.#options = options
  }

  get counts(): { open: number; idle: number; waiting: number } {
    const all = [...this.#origins.values()]
    const sum = (count: (places: Places) => number): number =>
      all.reduce((total, places) => total + count(places), 0)
    return {
      open: sum(({ free }) => this.#options.maxPerOrigin - free),
      idle: sum(({ stack }) => stack.length),
      waiting: sum(({ line }) => line.length),
    }
  }

  request(
    to: Address,
    given: Partial<Request>,
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<Response> {
    if (this.#over) return Promise.reject(fault('EPOOLCLOSED'))
    const running = this.#run(to, given, signal)
    this.#running.add(running)
    const done = (): void => void this.#running.delete(running)
    running.then(done, done)
    return running
  }

  async close(): Promise<void> {
    this.#over = true
    for (const places of this.#origins.values())
      for (const wire of places.stack.splice(0)) this.#drop(places, wire)
    while (this.#running.size > 0)
      await Promise.race([...this.#running].map((each) => each.catch(() => null)))
  }

  async #run(to: Address, given: Partial<Request>, signal: Signal): Promise<Response> {
    if (signal?.aborted) throw signal.reason
    const key = JSON.stringify([to.host, to.port])
    const places = this.#origins.get(key) ?? new Places(this.#options.maxPerOrigin)
    this.#origins.set(key, places)
    const first = await this.#place(places, signal)
    return unlessAborted(signal, (stopped) => this.#attempt(to, given, places, first, stopped))
  }

  async #attempt(
    to: Address,
    given: Partial<Request>,
    places: Places,
    first: Wire | null,
    stopped: AbortSignal,
  ): Promise<Response> {
    let wire = first ?? new Wire()
    const stop = (): void => wire.drop()
    stopped.addEventListener('abort', stop)
    try {
      if (stopped.aborted) throw stopped.reason
      if (!first) await wire.connect(to, stopped)
      let response: Response
      try {
        response = await exchange(wire, to, given)
      } catch (failed) {
        const method = given.method ?? 'GET'
        const may = ['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'].includes(method)
        if (stopped.aborted || wire.fresh || !(failed instanceof Lost) || !may) throw failed
        wire.drop()
        wire = new Wire()
        await wire.connect(to, stopped)
        response = await exchange(wire, to, given)
      }
      wire.fresh = false
      this.#return(places, wire, this.#time(given, response))
      return response
    } catch (failed) {
      this.#drop(places, wire)
      throw stopped.aborted ? stopped.reason : failed
    } finally {
      stopped.removeEventListener('abort', stop)
    }
  }

  #place(places: Places, signal: Signal): Wire | null | Promise<Wire | null> {
    const wire = places.stack.pop()
    if (wire) return wire
    if (places.free > 0) {
      places.free--
      return null
    }
    if (places.line.length >= this.#options.maxWaiting) throw fault('EPOOLFULL')
    return new Promise((resolve, reject) => {
      const waiter = {
        give: (given: Wire | null): void => {
          signal?.removeEventListener('abort', leave)
          resolve(given)
        },
      }
      const leave = (): void => {
        places.line.splice(places.line.indexOf(waiter), 1)
        signal?.removeEventListener('abort', leave)
        reject(signal?.reason as Error)
      }
      signal?.addEventListener('abort', leave)
      places.line.push(waiter)
    })
  }

  #return(places: Places, wire: Wire, time: number): void {
    if (time <= 0 || !wire.isQuiet) return this.#drop(places, wire)
    const next = places.line.shift()
    if (next) return next.give(wire)
    if (this.#over) return this.#drop(places, wire)
    places.stack.push(wire)
    const leave = (): void => {
      clearTimeout(timer)
      const at = places.stack.indexOf(wire)
      if (at < 0) return
      places.stack.splice(at, 1)
      this.#drop(places, wire)
    }
    const timer = setTimeout(leave, time)
    timers.set(wire, timer)
    void wire.change().then(leave)
  }

  #drop(places: Places, wire: Wire): void {
    clearTimeout(timers.get(wire))
    wire.drop()
    const next = places.line.shift()
    if (next) next.give(null)
    else places.free++
  }

  #time(given: Partial<Request>, { version, headers }: Response): number {
    const { idleMs, marginMs } = this.#options
    const options = list(field(headers, 'connection'))
    const isKept = options.includes('keep-alive')
    if (options.includes('close') || list(field(given.headers ?? [], 'connection')).includes('close'))
      return 0
    if (version === '1.0' && !isKept) return 0
    const said = list(field(headers, 'keep-alive')).map(
      (each) => /^timeout[ \t]*=[ \t]*(\d+)$/.exec(each)?.[1],
    )
    const seconds = isKept ? said.find((each) => each !== undefined) : undefined
    return seconds === undefined ? idleMs : Math.min(idleMs, Number(seconds) * 1000 - marginMs)
  }
}

const timers = new WeakMap<Wire, ReturnType<typeof setTimeout>>()

/** Rejects in the turn of the abort; what goes on behind it is told, and listens no more. */
async function unlessAborted<T>(signal: Signal, run: (stopped: AbortSignal) => Promise<T>): Promise<T> {
  if (!signal) return run(never)
  const own = new AbortController()
  const forward = (): void => own.abort(signal.reason)
  if (signal.aborted) forward()
  signal.addEventListener('abort', forward, { once: true })
  try {
    return await run(own.signal)
  } finally {
    signal.removeEventListener('abort', forward)
  }
}

async function exchange(wire: Wire, { host, port }: Address, given: Partial<Request>): Promise<Response> {
  clearTimeout(timers.get(wire))
  const { method = 'GET', target = '/', headers = [], body = new Uint8Array() } = given
  const own = field(headers, 'host') === null ? [['HOST', `${host}:${port}`] as const] : []
  const length =
    body.length > 0 || method === 'POST' ? [['Content-Length', String(body.length)] as const] : []
  const lines = [...headers, ...own, ...length].map(([name, value]) => `${name}:${value}\r\n`)
  wire.socket.write(Buffer.from(`${method} ${target} HTTP/1.1\r\n`))
  wire.socket.write(Buffer.from(`${lines.join('')}\r\n`, 'latin1'))
  if (body.length > 0) wire.socket.write(body)
  let began = false
  for (;;) {
    began ||= wire.bytes.length > 0
    const response = take(wire, method)
    if (response === 'interim') continue
    if (response) return response
    if (wire.error || wire.isOver || wire.socket.destroyed)
      throw began ? (wire.error ?? fault('ECUT')) : new Lost('no answer', { cause: wire.error })
    await wire.change()
  }
}

function take(wire: Wire, method: string): Response | 'interim' | null {
  const head = parseHead(wire.bytes)
  if (!head) return null
  const start = parseResponseHead(head)
  const rest = wire.bytes.subarray(head.length)
  if (start.status < 200) {
    wire.bytes = rest
    return 'interim'
  }
  let found: { body: Buffer; length: number } | null
  const length = field(start.headers, 'content-length')
  if (method === 'HEAD' || start.status === 204 || start.status === 304)
    found = { body: Buffer.alloc(0), length: 0 }
  else if (field(start.headers, 'transfer-encoding') !== null) found = takeChunked(rest)
  else if (length === null) found = wire.isOver ? { body: rest, length: rest.length } : null
  else if (Number.isInteger(Number(length)) && Number(length) >= 0)
    found =
      rest.length >= Number(length)
        ? { body: rest.subarray(0, Number(length)), length: Number(length) }
        : null
  else throw fault('ELENGTH')
  if (!found) return null
  wire.bytes = rest.subarray(found.length)
  return { ...start, body: Uint8Array.from(found.body) }
}

function list(value: string | null): string[] {
  return (value ?? '').split(',').map((each) => each.trim().toLowerCase())
}

function fault(code: string): Error {
  return Object.assign(new Error(`the pool says ${code}`), { code })
}
