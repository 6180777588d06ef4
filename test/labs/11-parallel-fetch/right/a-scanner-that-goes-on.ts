// A scanner that goes on where it stopped, a job that moves from a queue to a connection, and answers that count their
// own bytes. What is free is closed as soon as the page is whole and nothing waits.
import { connect, type Socket } from 'node:net'
import { formatRequest } from '../../../../labs/kit/format.ts'
import { parseHead, parseResponseHead } from '../../../../labs/kit/head.ts'
import { field, type Response } from '../../../../labs/kit/http.ts'

/** An image with its answer, or with the reason why it has none. */
export type Image =
  | { readonly target: string; readonly response: Response }
  | { readonly target: string; readonly failed: string }

export interface Page {
  readonly response: Response
  /** In the order of the document. */
  readonly images: readonly Image[]
}

/** What could be shown now: so many bytes of this target's body. */
export interface PageEvent {
  readonly target: string
  readonly bytes: number
  readonly state: 'some' | 'whole' | 'failed'
}

export interface PageOptions {
  /** Most connections that are open at one time, the page's own included. */
  readonly maxConnections: number
  /** Whether a connection carries further requests; false if not given. */
  readonly reuse?: boolean
  readonly onEvent?: (event: PageEvent) => void
}

// ---- The scanner: it goes through the text once, and stops before a part that is not whole.

class Scanner {
  readonly targets = new Set<string>()
  #text = ''

  push(text: string): void {
    this.#text += text
    let at = 0
    for (;;) {
      const begins = this.#text.indexOf('<', at)
      if (begins < 0) at = this.#text.length
      const ends = begins < 0 ? -1 : this.#part(begins)
      if (ends < 0) break
      at = ends
    }
    this.#text = this.#text.slice(Math.max(at, 0))
  }

  /** Where the part that begins with this `<` has its end; -1 if that has not come. */
  #part(at: number): number {
    const text = this.#text
    if (at + 1 === text.length) return -1
    if (text.startsWith('<!--', at)) return after(text, '-->', at + 4)
    if (!/[a-z/!]/i.test(text.charAt(at + 1))) return at + 1
    const end = tagEnd(text, at)
    if (end > 0) this.#tag(text.slice(at + 1, end - 1))
    return end
  }

  /** @param tag - What stands between `<` and `>`. */
  #tag(tag: string): void {
    if (!/^img(?:[ \t\n\r\f/]|$)/i.test(tag)) return
    const attributes = tag
      .slice(3)
      .matchAll(/([^ \t\n\r\f/=]+)(?:[ \t\n\r\f]*=[ \t\n\r\f]*(?:"([^"]*)"|'([^']*)'|([^ \t\n\r\f]*)))?/g)
    for (const [, name = '', double, single, bare] of attributes) {
      if (name.toLowerCase() !== 'src') continue
      const value = (double ?? single ?? bare ?? '').replaceAll('&amp;', '&')
      const target = value.replace(/#.*$/s, '')
      if (/^\/(?!\/)/.test(target)) this.targets.add(target)
      return
    }
  }
}

/** The place after the next `what`, or -1. */
function after(text: string, what: string, from: number): number {
  const found = text.indexOf(what, from)
  return found < 0 ? -1 : found + what.length
}

/** The place after the next `>` that is not inside quotes, or -1. */
function tagEnd(text: string, from: number): number {
  let quote = ''
  for (let at = from; at < text.length; at++) {
    const char = text.charAt(at)
    if (quote) quote = char === quote ? '' : quote
    else if (char === '"' || char === "'") quote = char
    else if (char === '>') return at + 1
  }
  return -1
}

/** The images that this HTML shows, as request targets in the order of the document. */
export function imageTargets(html: string): string[] {
  const scanner = new Scanner()
  scanner.push(html)
  return [...scanner.targets]
}

// ---- One answer, read as it comes.

class Answer {
  #head: Omit<Response, 'body'> | undefined
  #unread: Uint8Array = new Uint8Array(0)
  readonly #pieces: Uint8Array[] = []
  #length = 0
  bytes = 0

  /** @returns The bytes that are part of the body, and those after its end. */
  push(chunk: Uint8Array): { body: Uint8Array; extra: Uint8Array } {
    const bytes = this.#head ? chunk : this.#readHead(chunk)
    const body = bytes.subarray(0, this.#length - this.bytes)
    if (body.length > 0) this.#pieces.push(body)
    this.bytes += body.length
    return { body, extra: bytes.subarray(body.length) }
  }

  get whole(): boolean {
    return this.#head !== undefined && this.bytes === this.#length
  }

  get response(): Response {
    if (!this.#head) throw new Error('no head yet')
    return { ...this.#head, body: Uint8Array.from(Buffer.concat(this.#pieces)) }
  }

  /** RFC 9112 §9.3 */
  get persists(): boolean {
    const head = this.#head
    if (!head) return false
    const options = (field(head.headers, 'connection') ?? '').split(',').map((o) => o.trim().toLowerCase())
    if (options.includes('close')) return false
    return head.version === '1.1' || options.includes('keep-alive')
  }

  /** @returns What stands after the head; nothing while that is not whole. */
  #readHead(chunk: Uint8Array): Uint8Array {
    this.#unread = Buffer.concat([this.#unread, chunk])
    const begin = Buffer.from(this.#unread.subarray(0, 7)).toString('latin1')
    if (!'HTTP/1.'.startsWith(begin)) throw coded('BAD_HEAD')
    const head = parseHead(this.#unread)
    if (!head) return new Uint8Array(0)
    this.#head = parseResponseHead(head)
    const length = field(head.headers, 'content-length') ?? ''
    if (!/^\d+$/.test(length)) throw coded('BAD_LENGTH')
    this.#length = Number(length)
    return this.#unread.subarray(head.length)
  }
}

const coded = (code: string): Error => Object.assign(new Error(code), { code })

// ---- The queue, and the connections in front of which it stands.

/** One request, and who wants to know what becomes of it. */
interface Job {
  readonly target: string
  some(body: Uint8Array, bytes: number, whole: boolean): void
  whole(response: Response): void
  failed(error: Error, bytes: number): void
}

class Connection {
  readonly line: Line
  readonly socket: Socket
  #job: Job | null
  #answer = new Answer()

  constructor(line: Line, first: Job) {
    this.line = line
    this.#job = first
    this.socket = connect(line.port, '127.0.0.1', () => this.#request(first))
    this.socket.on('data', (chunk: Uint8Array) => this.#data(chunk))
    this.socket.on('end', () => this.fail(coded('ETRUNCATED')))
    this.socket.on('error', (error) => this.fail(error))
    this.socket.on('close', () => line.gone(this))
  }

  get free(): boolean {
    return this.#job === null && !this.socket.destroyed
  }

  take(job: Job): void {
    this.#job = job
    this.#answer = new Answer()
    this.#request(job)
  }

  /** Gives up the connection, and with it what is under way on it. */
  fail(error: Error): void {
    const job = this.#job
    this.#job = null
    this.socket.destroy()
    job?.failed(error, this.#answer.bytes)
  }

  #request(job: Job): void {
    const headers: Array<[string, string]> = [['Host', `127.0.0.1:${this.line.port}`]]
    if (!this.line.reuse) headers.push(['Connection', 'close'])
    this.socket.write(
      formatRequest({ method: 'GET', target: job.target, version: '1.1', headers, body: new Uint8Array(0) }),
    )
  }

  #data(chunk: Uint8Array): void {
    const job = this.#job
    if (!job) return this.fail(coded('EUNASKED'))
    const answer = this.#answer
    let came
    try {
      came = answer.push(chunk)
    } catch (error) {
      return this.fail(error as Error)
    }
    // A whole answer frees the connection before anybody hears of it: what they ask for may go on it at once.
    if (answer.whole) this.#free(came.extra.length === 0)
    if (answer.whole || came.body.length > 0) job.some(came.body, answer.bytes, answer.whole)
    if (answer.whole) job.whole(answer.response)
  }

  #free(clean: boolean): void {
    this.#job = null
    if (!this.line.reuse || !clean || !this.#answer.persists) this.socket.destroy()
  }
}

/** All connections to one server, and the requests that wait for a place. */
class Line {
  readonly #waiting: Job[] = []
  readonly #connections = new Set<Connection>()
  #whenEmpty: (() => void) | null = null

  readonly port: number
  readonly most: number
  readonly reuse: boolean

  constructor(port: number, most: number, reuse: boolean) {
    this.port = port
    this.most = most
    this.reuse = reuse
  }

  add(job: Job): void {
    this.#waiting.push(job)
  }

  /** Lets everybody go who may: on a connection that is free, or else on a new one. */
  start(): void {
    while (!this.#whenEmpty && this.#waiting.length > 0) {
      const free = [...this.#connections].find((connection) => connection.free)
      if (!free && this.#connections.size >= this.most) return
      const job = this.#waiting.shift() as Job
      if (free) free.take(job)
      else this.#connections.add(new Connection(this, job))
    }
  }

  /** Nothing new will be asked for: a connection that is free has done its work. */
  closeFree(): void {
    for (const connection of this.#connections) if (connection.free) connection.socket.destroy()
  }

  gone(connection: Connection): void {
    this.#connections.delete(connection)
    if (this.#connections.size === 0) this.#whenEmpty?.()
    this.start()
  }

  /** Closes everything, and resolves when nothing is left. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#whenEmpty = resolve
      this.#waiting.length = 0
      if (this.#connections.size === 0) resolve()
      for (const { socket } of this.#connections) socket.destroy()
    })
  }
}

/** Gets a page and its images from 127.0.0.1. */
export async function loadPage(port: number, target: string, options: PageOptions): Promise<Page> {
  const line = new Line(port, options.maxConnections, options.reuse ?? false)
  try {
    return await load(line, target, options.onEvent ?? (() => {}))
  } finally {
    await line.close()
  }
}

function load(line: Line, page: string, onEvent: (event: PageEvent) => void): Promise<Page> {
  return new Promise((resolve, reject) => {
    const scanner = new Scanner()
    const images = new Map<string, Image | null>()
    let response: Response | undefined
    let over = false
    const tell = (event: PageEvent) => {
      if (!over) onEvent(event)
    }
    const look = () => {
      const left = [...images.values()].includes(null)
      line.start()
      if (response) line.closeFree()
      if (over || !response || left) return
      over = true
      resolve({ response, images: [...images.values()] as Image[] })
    }
    const settle = (image: Image) => {
      images.set(image.target, image)
      look()
    }
    const imageJob = (target: string): Job => ({
      target,
      some: (_, bytes, whole) => tell({ target, bytes, state: whole ? 'whole' : 'some' }),
      whole: (answer) => settle({ target, response: answer }),
      failed: (error, bytes) => {
        tell({ target, bytes, state: 'failed' })
        settle({ target, failed: (error as NodeJS.ErrnoException).code ?? error.message })
      },
    })
    line.add({
      target: page,
      some: (body, bytes, whole) => {
        tell({ target: page, bytes, state: whole ? 'whole' : 'some' })
        scanner.push(Buffer.from(body).toString('latin1'))
        for (const target of scanner.targets) {
          if (images.has(target)) continue
          images.set(target, null)
          line.add(imageJob(target))
        }
        line.start()
      },
      whole: (whole) => {
        response = whole
        look()
      },
      failed: (error) => {
        over = true
        reject(error)
      },
    })
    line.start()
  })
}

/** Images that are all known from the beginning, and the line over which they come. */
export interface Objects {
  readonly objects: number
  /** Of each answer, with its head. */
  readonly bytes: number
  readonly rttMs: number
  readonly bytesPerMs: number
  readonly maxConnections: number
}

/** The fewest connections that are nearly as quick as the quickest, and the time that they take. */
export function quickest(o: Objects): { connections: number; ms: number } {
  // In bytes of the line, so that nothing is rounded: a millisecond of waiting is `bytesPerMs` that could have passed.
  const cost = (connections: number) =>
    Math.ceil(o.objects / connections) * 2 * o.rttMs * o.bytesPerMs + o.objects * o.bytes
  const least = cost(o.maxConnections)
  let connections = 1
  while (10 * cost(connections) > 11 * least) connections++
  return { connections, ms: cost(connections) / o.bytesPerMs }
}
