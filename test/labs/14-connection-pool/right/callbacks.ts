import { connect, type Socket } from 'node:net'
import { takeChunked } from '../../../../labs/kit/chunked.ts'
import { formatRequest } from '../../../../labs/kit/format.ts'
import { parseHead, parseResponseHead } from '../../../../labs/kit/head.ts'
import type { Address, Headers, Request, Response } from '../../../../labs/kit/http.ts'

// Events and call-backs. Everybody joins the queue; one function hands out what there is.

interface Options {
  maxPerOrigin: number
  maxWaiting: number
  idleMs: number
  marginMs: number
}

interface Job {
  readonly request: Request
  readonly share: Share
  readonly signal: AbortSignal | undefined
  readonly settle: (error: unknown, response?: Response) => void
  link: Link | null
  tries: number
}

interface Link {
  readonly socket: Socket
  readonly share: Share
  job: Job | null
  answers: number
  bytes: Buffer
  heard: boolean
  over: boolean
  timer: ReturnType<typeof setTimeout> | undefined
}

interface Share {
  readonly address: Address
  /** In the order in which they became idle. */
  readonly idle: Link[]
  readonly links: Set<Link>
  readonly queue: Job[]
}

const AGAIN = /^(?:GET|HEAD|OPTIONS|TRACE|PUT|DELETE)$/

export class Pool {
  private readonly options: Options
  private readonly shares: Share[] = []
  private under = 0
  private closed = false
  private readonly onQuiet: Array<() => void> = []

  constructor(options: Options) {
    this.options = options
  }

  get counts() {
    const links = this.shares.flatMap((share) => [...share.links])
    const queue = this.shares.flatMap((share) => share.queue)
    return { open: links.length, idle: links.filter(({ job }) => !job).length, waiting: queue.length }
  }

  request(address: Address, given: Partial<Request>, more?: { signal?: AbortSignal }): Promise<Response> {
    const signal = more?.signal
    return new Promise((resolve, reject) => {
      if (this.closed) return reject(coded('EPOOLCLOSED'))
      if (signal?.aborted) return reject(signal.reason as Error)
      const share = this.shareOf(address)
      const abort = (): void => this.abort(job)
      const job: Job = {
        request: whole(address, given),
        share,
        signal,
        link: null,
        tries: 0,
        settle: (error, response) => {
          signal?.removeEventListener('abort', abort)
          this.under--
          if (response) resolve(response)
          else reject(error)
          this.quiet()
        },
      }
      this.under++
      signal?.addEventListener('abort', abort)
      share.queue.push(job)
      this.pump(share)
      if (share.queue.length <= this.options.maxWaiting) return
      share.queue.pop()
      job.settle(coded('EPOOLFULL'))
    })
  }

  close(): Promise<void> {
    this.closed = true
    for (const share of this.shares) for (const link of share.idle.splice(0)) this.end(link)
    return new Promise((resolve) => {
      this.onQuiet.push(resolve)
      this.quiet()
    })
  }

  private quiet(): void {
    if (!this.closed || this.under > 0 || this.counts.open > 0) return
    for (const resolve of this.onQuiet.splice(0)) resolve()
  }

  private shareOf({ host, port }: Address): Share {
    const known = this.shares.find(({ address }) => address.host === host && address.port === port)
    if (known) return known
    const share: Share = { address: { host, port }, idle: [], links: new Set(), queue: [] }
    this.shares.push(share)
    return share
  }

  private pump(share: Share): void {
    for (;;) {
      if (share.queue.length === 0) return
      const link = share.idle.pop()
      if (link) this.send(link, share.queue.shift() as Job)
      else if (share.links.size < this.options.maxPerOrigin) this.open(share.queue.shift() as Job)
      else return
    }
  }

  private open(job: Job): void {
    const { share } = job
    const socket = connect(share.address.port, share.address.host)
    const link: Link = {
      socket,
      share,
      job,
      answers: 0,
      bytes: Buffer.alloc(0),
      heard: false,
      over: false,
      timer: undefined,
    }
    job.link = link
    share.links.add(link)
    socket.on('connect', () => {
      if (link.job) this.send(link, link.job)
    })
    socket.on('data', (chunk: Buffer) => {
      link.heard = true
      link.bytes = Buffer.concat([link.bytes, chunk])
      this.look(link, false)
    })
    socket.on('end', () => this.look(link, true))
    socket.on('error', (error) => this.fail(link, error))
  }

  private send(link: Link, job: Job): void {
    clearTimeout(link.timer)
    link.job = job
    link.heard = false
    job.link = link
    link.socket.write(formatRequest(job.request))
  }

  private look(link: Link, isOver: boolean): void {
    const { job } = link
    if (!job) return this.end(link)
    let response: Response | null
    try {
      response = read(link, job.request.method, isOver)
    } catch (error) {
      return this.fail(link, error)
    }
    if (response) this.answered(link, job, response, isOver)
    else if (isOver) this.fail(link, coded('ECONNRESET'))
  }

  private answered(link: Link, job: Job, response: Response, isOver: boolean): void {
    link.answers++
    link.job = null
    const time = isOver || link.bytes.length > 0 ? 0 : timeOf(job.request, response, this.options)
    if (time <= 0 || (this.closed && link.share.queue.length === 0)) this.end(link)
    else {
      link.share.idle.push(link)
      link.timer = setTimeout(() => this.end(link), time)
      this.pump(link.share)
    }
    job.settle(null, response)
  }

  private fail(link: Link, error: unknown): void {
    const { job } = link
    if (link.over) return
    link.job = null
    const isLost = job && link.answers > 0 && !link.heard && job.tries === 0
    if (isLost && AGAIN.test(job.request.method)) {
      job.tries++
      this.forget(link)
      return this.open(job)
    }
    this.end(link)
    job?.settle(error)
  }

  private abort(job: Job): void {
    const { link, share, signal } = job
    const place = share.queue.indexOf(job)
    if (place >= 0) share.queue.splice(place, 1)
    if (link?.job === job) {
      link.job = null
      this.end(link)
    }
    job.settle(signal?.reason)
  }

  /** Its place is free. */
  private end(link: Link): void {
    this.forget(link)
    this.pump(link.share)
    this.quiet()
  }

  private forget(link: Link): void {
    const { idle, links } = link.share
    link.over = true
    clearTimeout(link.timer)
    links.delete(link)
    if (idle.includes(link)) idle.splice(idle.indexOf(link), 1)
    link.socket.removeAllListeners('data').removeAllListeners('end').removeAllListeners('connect')
    link.socket.destroy()
  }
}

function whole({ host, port }: Address, given: Partial<Request>): Request {
  const headers: Array<readonly [string, string]> = [...(given.headers ?? [])]
  if (values(headers, 'host').length === 0) headers.unshift(['host', port === 80 ? host : `${host}:${port}`])
  headers.push(['User-Agent', 'callbacks'])
  return {
    method: given.method ?? 'GET',
    target: given.target ?? '/',
    version: '1.1',
    headers,
    body: given.body ?? Buffer.alloc(0),
  }
}

function values(headers: Headers, name: string): string[] {
  return headers.filter(([each]) => each.toLowerCase() === name).map(([, value]) => value)
}

function tokens(headers: Headers): string[] {
  return values(headers, 'connection')
    .join(',')
    .split(',')
    .map((token) => token.trim().toLowerCase())
}

/** How long it may be idle; 0 where it is not kept. */
function timeOf(request: Request, response: Response, { idleMs, marginMs }: Options): number {
  const said = tokens(response.headers)
  if (said.includes('close') || tokens(request.headers).includes('close')) return 0
  if (response.version === '1.0' && !said.includes('keep-alive')) return 0
  if (!said.includes('keep-alive')) return idleMs
  for (const parameter of values(response.headers, 'keep-alive').join(',').split(',')) {
    const [name = '', value = ''] = parameter.split('=').map((part) => part.trim())
    if (name.toLowerCase() === 'timeout' && /^\d+$/.test(value))
      return Math.min(idleMs, 1000 * Number(value) - marginMs)
  }
  return idleMs
}

function read(link: Link, method: string, isOver: boolean): Response | null {
  const head = parseHead(link.bytes)
  if (!head) return null
  const start = parseResponseHead(head)
  const rest = link.bytes.subarray(head.length)
  if (start.status < 200) {
    link.bytes = rest
    return read(link, method, isOver)
  }
  const body = bodyOf(method, start, rest, isOver)
  if (!body) return null
  link.bytes = rest.subarray(body.length)
  return { ...start, body: Buffer.from(body.body) }
}

function bodyOf(method: string, start: Omit<Response, 'body'>, rest: Buffer, isOver: boolean) {
  if (method === 'HEAD' || [204, 304].includes(start.status)) return { body: Buffer.alloc(0), length: 0 }
  if (values(start.headers, 'transfer-encoding').length > 0) return takeChunked(rest)
  const [length] = values(start.headers, 'content-length')
  if (length === undefined) return isOver ? { body: rest, length: rest.length } : null
  if (!/^[0-9]+$/.test(length)) throw coded('EBADLENGTH')
  return rest.length < Number(length)
    ? null
    : { body: rest.subarray(0, Number(length)), length: Number(length) }
}

function coded(code: string): Error {
  return Object.assign(new Error(code), { code })
}
