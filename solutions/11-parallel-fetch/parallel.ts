/**
 * Lab 11: parallel connections.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9112#section-9.4 | RFC 9112 §9.4} (concurrency)
 * @see {@link https://www.rfc-editor.org/rfc/rfc9112#section-9.3 | RFC 9112 §9.3} (persistence)
 */
import { connect, type Socket } from 'node:net'
import { formatRequest } from '../../labs/kit/format.ts'
import { parseHead, parseResponseHead } from '../../labs/kit/head.ts'
import { field, type Headers, type Response } from '../../labs/kit/http.ts'

export type Image =
  | { readonly target: string; readonly response: Response }
  | { readonly target: string; readonly failed: string }

export interface Page {
  readonly response: Response
  readonly images: readonly Image[]
}

export interface PageEvent {
  readonly target: string
  readonly bytes: number
  readonly state: 'some' | 'whole' | 'failed'
}

export interface PageOptions {
  readonly maxConnections: number
  readonly reuse?: boolean
  readonly onEvent?: (event: PageEvent) => void
}

// #region images
/** A comment, a tag, or text: what has not come to its end matches nothing. White space is not `\s`, which has more. */
const PART = /<!--[^]*?-->|<(?!!--)[a-z/!](?:[^"'>]|"[^"]*"|'[^']*')*>|[^<]+|<(?![a-z/!])/giy
const IMAGE = /^<img[\t\n\f\r />]/i
const ATTRIBUTE =
  /([^\t\n\f\r "'>/=]+)(?:[\t\n\f\r ]*=[\t\n\f\r ]*(?:"([^"]*)"|'([^']*)'|([^\t\n\f\r >]+)))?/g

export function imageTargets(html: string): string[] {
  const tags = [...html.matchAll(PART)].map(([part]) => part).filter((part) => IMAGE.test(part))
  return [...new Set(tags.flatMap((tag) => targetOf(tag) ?? []))]
}

function targetOf(tag: string): string | null {
  const attributes = [...tag.slice('<img'.length).matchAll(ATTRIBUTE)]
  const src = attributes.find(([, name = '']) => name.toLowerCase() === 'src')
  const value = src?.[2] ?? src?.[3] ?? src?.[4] ?? ''
  // A fragment stays with the client (RFC 9110 §7.1).
  const [target = ''] = value.replaceAll('&amp;', '&').split('#')
  return /^\/(?!\/)/.test(target) ? target : null
}
// #endregion images

/** A request on its way to an answer, or to a failure. */
interface Errand {
  readonly target: string
  /** As often as more of the body has come. */
  onBody(body: Buffer, isWhole: boolean): void
  resolve(response: Response): void
  reject(error: Error): void
}

// #region page
export async function loadPage(port: number, target: string, options: PageOptions): Promise<Page> {
  const line = new Connections(port, options)
  const images = new Map<string, Promise<Image>>()
  const imageOf = (found: string): Promise<Image> =>
    line.get(found).then(
      (response) => ({ target: found, response }),
      (error: NodeJS.ErrnoException) => ({ target: found, failed: error.code ?? error.name }),
    )
  const look = (body: Buffer): void => {
    for (const found of imageTargets(body.toString('latin1')))
      if (!images.has(found)) images.set(found, imageOf(found))
  }
  try {
    const response = await line.get(target, look)
    return { response, images: await Promise.all(images.values()) }
  } finally {
    line.close()
  }
}
// #endregion page

// #region connections
/** At most so many connections at a time, and a queue in front of them. */
class Connections {
  readonly #port: number
  readonly #options: PageOptions
  readonly #open = new Set<Connection>()
  readonly #waiting: Errand[] = []
  #isClosed = false

  constructor(port: number, options: PageOptions) {
    this.#port = port
    this.#options = options
  }

  get(target: string, look: (body: Buffer) => void = () => undefined): Promise<Response> {
    let bytes = 0
    const tell = (state: PageEvent['state']): void => {
      if (!this.#isClosed) this.#options.onEvent?.({ target, bytes, state })
    }
    return new Promise((resolve, reject) => {
      const onBody = (body: Buffer, isWhole: boolean): void => {
        const isNew = body.length > bytes
        bytes = body.length
        if (isNew || isWhole) tell(isWhole ? 'whole' : 'some')
        look(body)
      }
      const fail = (error: Error): void => {
        tell('failed')
        reject(error)
      }
      this.#waiting.push({ target, onBody, resolve, reject: fail })
      this.#start()
    })
  }

  close(): void {
    this.#isClosed = true
    for (const connection of this.#open) connection.close()
  }

  /** A kept connection before a new one: it has its handshake behind it (RFC 9112 §9.4). */
  #start(): void {
    while (this.#waiting.length > 0 && !this.#isClosed) {
      const connection = [...this.#open].find(({ isFree }) => isFree) ?? this.#another()
      if (!connection) return
      connection.ask(this.#waiting.shift() as Errand)
    }
  }

  #another(): Connection | null {
    if (this.#open.size >= this.#options.maxConnections) return null
    const connection = new Connection(this.#port, this.#options.reuse === true, {
      free: () => this.#start(),
      // Its place is free when the socket is gone, and not before.
      gone: () => {
        this.#open.delete(connection)
        this.#start()
      },
    })
    this.#open.add(connection)
    return connection
  }
}
// #endregion connections

// #region connection
/** One connection, which carries one request at a time. */
class Connection {
  readonly #port: number
  readonly #keeps: boolean
  readonly #free: () => void
  readonly #socket: Socket
  #errand: Errand | null = null
  #bytes = Buffer.alloc(0)

  constructor(port: number, keeps: boolean, on: { free(): void; gone(): void }) {
    this.#port = port
    this.#keeps = keeps
    this.#free = on.free
    // Nagle's algorithm would hold back a second request that follows the first closely.
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true })
    this.#socket.on('data', (chunk) => this.#take(chunk))
    this.#socket.on('error', (error) => this.#fail(error))
    this.#socket.once('end', () => this.#fail(coded('ETRUNCATED', 'the answer was cut short')))
    this.#socket.once('close', on.gone)
  }

  get isFree(): boolean {
    return this.#errand === null && !this.#socket.destroyed
  }

  ask(errand: Errand): void {
    this.#errand = errand
    const last: Headers = this.#keeps ? [] : [['Connection', 'close']]
    const headers: Headers = [['Host', `127.0.0.1:${this.#port}`], ...last]
    const { target } = errand
    this.#socket.write(formatRequest({ method: 'GET', target, version: '1.1', headers, body: NOTHING }))
  }

  close(): void {
    this.#socket.destroy()
  }

  #take(chunk: Buffer): void {
    // Bytes that nobody has asked for are no answer (RFC 9112 §9.2).
    if (!this.#errand) return this.close()
    this.#bytes = Buffer.concat([this.#bytes, chunk])
    try {
      const answer = readAnswer(this.#bytes)
      if (answer) this.#look(this.#errand, answer)
    } catch (error) {
      this.#fail(error as Error)
    }
  }

  #look(errand: Errand, { response, body, length, rest }: Answer): void {
    const isWhole = body.length === length
    errand.onBody(body, isWhole)
    if (!isWhole) return
    this.#errand = null
    this.#bytes = NOTHING
    if (!this.#keeps || rest > 0 || !persists(response)) this.close()
    errand.resolve(response)
    this.#free()
  }

  /** Nothing is sent twice here: what has no whole answer has failed. */
  #fail(error: Error): void {
    const errand = this.#errand
    this.#errand = null
    this.close()
    errand?.reject(error)
  }
}
// #endregion connection

const NOTHING = Buffer.alloc(0)

interface Answer {
  readonly response: Response
  readonly body: Buffer
  /** Bytes that the body will have. */
  readonly length: number
  /** Bytes behind it. */
  readonly rest: number
}

/** What has come of an answer; null while its head is not whole. */
function readAnswer(bytes: Buffer): Answer | null {
  const head = parseHead(bytes)
  if (!head) return null
  const value = field(head.headers, 'content-length') ?? ''
  if (!/^\d+$/.test(value)) throw coded('BAD_LENGTH', `not a Content-Length: ${JSON.stringify(value)}`)
  const length = Number(value)
  const body = bytes.subarray(head.length, head.length + length)
  const response = { ...parseResponseHead(head), body }
  return { response, body, length, rest: bytes.length - head.length - body.length }
}

/** RFC 9112 §9.3: `close` ends it, HTTP/1.1 keeps it, HTTP/1.0 keeps it only when it says so. */
function persists({ version, headers }: Response): boolean {
  const value = field(headers, 'connection') ?? ''
  const options = value.split(',').map((option) => option.trim().toLowerCase())
  return !options.includes('close') && (version === '1.1' || options.includes('keep-alive'))
}

function coded(code: string, message: string): Error {
  return Object.assign(new Error(message), { code })
}

// #region quickest
export interface Objects {
  readonly objects: number
  readonly bytes: number
  readonly rttMs: number
  readonly bytesPerMs: number
  readonly maxConnections: number
}

/** Round trips are shared by all who wait together; bytes pass one after the other, whoever asked for them. */
export function quickest(o: Objects): { connections: number; ms: number } {
  const msWith = (connections: number): number => {
    const rounds = Math.ceil(o.objects / connections)
    return rounds * 2 * o.rttMs + (o.objects * o.bytes) / o.bytesPerMs
  }
  const best = msWith(o.maxConnections)
  let connections = 1
  while (10 * msWith(connections) > 11 * best) connections++
  return { connections, ms: msWith(connections) }
}
// #endregion quickest
