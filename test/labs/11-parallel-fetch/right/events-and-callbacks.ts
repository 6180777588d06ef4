// Emitters and call-backs: a crew of connections that announce what has become of them, an image list that is looked
// through after each announcement, and a reader that keeps chunks in a list. Connections end with a reset.
import { EventEmitter } from 'node:events'
import { Socket } from 'node:net'
import { parseHead, parseResponseHead } from '../../../../labs/kit/head.ts'
import { field, type Response } from '../../../../labs/kit/http.ts'

interface Event {
  target: string
  bytes: number
  state: 'some' | 'whole' | 'failed'
}
interface Options {
  maxConnections: number
  reuse?: boolean
  onEvent?: (event: Event) => void
}
interface Item {
  target: string
  state: 'new' | 'asked' | 'done'
  bytes: number
  response?: Response
  failed?: string
}

export function imageTargets(html: string): string[] {
  const found: string[] = []
  let rest = html
  for (;;) {
    const start = rest.search(/<[a-z/!]/i)
    if (start === -1) return found
    rest = rest.slice(start)
    const part = rest.startsWith('<!--')
      ? /^<!--[^]*?-->/.exec(rest)
      : /^<[a-z/!](?:"[^"]*"|'[^']*'|[^"'>])*>/i.exec(rest)
    if (!part) return found
    rest = rest.slice(part[0].length)
    const image = /^<img([\t\n\f\r /][^]*)?>$/i.exec(part[0])
    const target = image && sourceIn(image[1] ?? '')
    if (target && !found.includes(target)) found.push(target)
  }
}

function sourceIn(attributes: string): string | null {
  const all = attributes.matchAll(
    /([^\t\n\f\r /=>'"]+)(?:[\t\n\f\r ]*=[\t\n\f\r ]*(?:(["'])([^]*?)\2|([^\t\n\f\r >]+)))?/g,
  )
  for (const [, name = '', , quoted, bare] of all) {
    if (name.toLowerCase() !== 'src') continue
    const value = (quoted ?? bare ?? '').replace(/&amp;/g, '&').replace(/#.*/, '')
    return /^\/([^/]|$)/.test(value) ? value : null
  }
  return null
}

class Wire extends EventEmitter<{
  body: [Item, Buffer, number]
  whole: [Item, Response]
  lost: [Item, string]
  gone: []
}> {
  readonly #socket = new Socket()
  #chunks: Buffer[] = []
  readonly port: number
  readonly keeps: boolean
  item: Item | null = null
  #over = false

  constructor(port: number, keeps: boolean) {
    super()
    this.port = port
    this.keeps = keeps
    this.#socket.setNoDelay(true)
    this.#socket.on('data', (chunk: Buffer) => this.#receive(chunk))
    this.#socket.on('end', () => this.end('ETRUNCATED'))
    this.#socket.on('error', (error: NodeJS.ErrnoException) => this.end(error.code ?? 'ERROR'))
    this.#socket.connect({ port, host: '127.0.0.1' })
  }

  ask(item: Item): void {
    item.state = 'asked'
    this.item = item
    const fields = [`Host: 127.0.0.1:${this.port}`, 'Accept: image/*, text/html']
    if (!this.keeps) fields.push('Connection: close')
    const write = (): void => {
      this.#socket.write(`GET ${item.target} HTTP/1.1\r\n${fields.join('\r\n')}\r\n\r\n`)
    }
    if (this.#socket.connecting) this.#socket.once('connect', write)
    else write()
  }

  end(why: string): void {
    if (this.#over) return
    this.#over = true
    if (this.#socket.connecting) this.#socket.destroy()
    else this.#socket.resetAndDestroy()
    const { item } = this
    this.item = null
    if (item) this.emit('lost', item, why)
    this.emit('gone')
  }

  #receive(chunk: Buffer): void {
    const { item } = this
    if (!item) return this.end('unasked')
    this.#chunks.push(chunk)
    const bytes = Buffer.concat(this.#chunks)
    try {
      const head = parseHead(bytes)
      if (!head) return
      const start = parseResponseHead(head)
      const digits = field(head.headers, 'content-length') ?? ''
      if (!/^\d+$/.test(digits)) throw new Error('no length')
      const length = Number(digits)
      const body = bytes.subarray(head.length, head.length + length)
      this.emit('body', item, body, length)
      if (body.length < length) return
      this.#chunks = []
      this.item = null
      const isKept = this.keeps && bytes.length === head.length + length && lasts(start)
      this.emit('whole', item, { ...start, body })
      if (!isKept) this.end('done')
    } catch {
      this.end('EPROTO')
    }
  }
}

function lasts({ version, headers }: Omit<Response, 'body'>): boolean {
  const has = (option: string): boolean =>
    new RegExp(`(^|,)\\s*${option}\\s*(,|$)`, 'i').test(field(headers, 'connection') ?? '')
  if (has('close')) return false
  return version === '1.1' || has('keep-alive')
}

export function loadPage(port: number, target: string, { maxConnections, reuse, onEvent }: Options) {
  const page: Item = { target, state: 'new', bytes: 0 }
  const items: Item[] = [page]
  const wires = new Set<Wire>()
  let done = false

  return new Promise((resolve, reject) => {
    const tell = (item: Item, state: Event['state']): void => {
      if (!done && onEvent) onEvent({ target: item.target, bytes: item.bytes, state })
    }
    const finish = (): void => {
      done = true
      for (const wire of wires) wire.end('finished')
    }
    const check = (): void => {
      if (done) return
      if (page.failed !== undefined) {
        finish()
        return reject(Object.assign(new Error(`no page: ${page.failed}`), { code: page.failed }))
      }
      if (items.every(({ state }) => state === 'done')) {
        finish()
        const [, ...images] = items
        return resolve({
          response: page.response,
          images: images.map(({ target: name, response, failed }) =>
            response ? { target: name, response } : { target: name, failed },
          ),
        })
      }
      for (const item of items.filter(({ state }) => state === 'new')) {
        const wire =
          [...wires].find((each) => each.item === null) ?? (wires.size < maxConnections ? open() : null)
        if (!wire) return
        wire.ask(item)
      }
    }
    const open = (): Wire => {
      const wire = new Wire(port, reuse === true)
      wires.add(wire)
      wire.on('body', (item, body, length) => {
        const isNew = body.length > item.bytes
        item.bytes = body.length
        if (isNew && body.length < length) tell(item, 'some')
        if (item !== page) return
        for (const name of imageTargets(body.toString('latin1')))
          if (!items.some((each) => each.target === name))
            items.push({ target: name, state: 'new', bytes: 0 })
        check()
      })
      wire.on('whole', (item, response) => {
        Object.assign(item, { response, state: 'done' })
        tell(item, 'whole')
        setImmediate(check)
      })
      wire.on('lost', (item, why) => {
        Object.assign(item, { failed: why, state: 'done' })
        tell(item, 'failed')
      })
      wire.on('gone', () => {
        wires.delete(wire)
        setImmediate(check)
      })
      return wire
    }
    check()
  })
}

export function quickest(o: {
  objects: number
  bytes: number
  rttMs: number
  bytesPerMs: number
  maxConnections: number
}): { connections: number; ms: number } {
  const { objects, bytes, rttMs, bytesPerMs } = o
  const passing = (objects * bytes) / bytesPerMs
  const time = (connections: number): number => passing + 2 * rttMs * Math.ceil(objects / connections)
  const limit = (time(o.maxConnections) / 10) * 11
  for (let connections = 1; connections < o.maxConnections; connections++)
    if (time(connections) <= limit + 1e-9) return { connections, ms: time(connections) }
  return { connections: o.maxConnections, ms: time(o.maxConnections) }
}
