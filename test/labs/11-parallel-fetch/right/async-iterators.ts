// Each connection is read by `for await`, and ends where the loop ends. HTML is read letter by letter from the place
// where it was left, and `quickest` plays the rounds one by one.
import net from 'node:net'
import type { Response } from '../../../../labs/kit/http.ts'

type Image = { target: string; response: Response } | { target: string; failed: string }
type State = 'some' | 'whole' | 'failed'
interface Options {
  maxConnections: number
  reuse?: boolean
  onEvent?: (event: { target: string; bytes: number; state: State }) => void
}

/** Tags of a page that grows. */
class Tags {
  #html = ''
  #at = 0
  readonly targets: string[] = []

  add(html: string): void {
    this.#html += html
    for (let end = this.#part(); end > 0; end = this.#part()) {
      const target = targetOf(this.#html.slice(this.#at, end))
      if (target !== '' && !this.targets.includes(target)) this.targets.push(target)
      this.#at = end
    }
  }

  /** Where the part that begins here ends; 0 where nobody knows yet. */
  #part(): number {
    const [html, start] = [this.#html, this.#at]
    if (start >= html.length) return 0
    if (html[start] !== '<') return html.indexOf('<', start) === -1 ? html.length : html.indexOf('<', start)
    const rest = html.slice(start, start + 4)
    if (rest === '<!--')
      return html.indexOf('-->', start + 4) + 3 === 2 ? 0 : html.indexOf('-->', start + 4) + 3
    if (rest.length < 4 && '<!--'.startsWith(rest)) return 0
    if (!/[a-z/!]/i.test(rest[1] ?? '')) return start + 1
    let quote = ''
    for (let at = start + 1; at < html.length; at++) {
      const letter = html[at] ?? ''
      if (quote !== '') quote = letter === quote ? '' : quote
      else if (letter === '"' || letter === "'") quote = letter
      else if (letter === '>') return at + 1
    }
    return 0
  }
}

function targetOf(tag: string): string {
  const inside = /^<img(?=[\t\n\f\r />])([^]*)>$/i.exec(tag)?.[1]
  if (inside === undefined) return ''
  const attribute =
    /[\t\n\f\r /]*([^\t\n\f\r /=>"']+)(?:[\t\n\f\r ]*=[\t\n\f\r ]*("[^"]*"|'[^']*'|[^\t\n\f\r >]+)?)?/gy
  for (let match = attribute.exec(inside); match; match = attribute.exec(inside)) {
    if (match[1]?.toLowerCase() !== 'src') continue
    const raw = match[2] ?? ''
    const value = /^["']/.test(raw) ? raw.slice(1, -1) : raw
    const [path = ''] = value.split('&amp;').join('&').split('#')
    return path.startsWith('/') && path[1] !== '/' ? path : ''
  }
  return ''
}

export function imageTargets(html: string): string[] {
  const tags = new Tags()
  tags.add(html)
  return tags.targets
}

interface Job {
  readonly target: string
  told: number
  more(body: Buffer): void
  done(result: Response | Error): void
}

interface Place {
  readonly socket: net.Socket
  job: Job | null
  bytes: Buffer
}

export function loadPage(port: number, target: string, options: Options) {
  const { maxConnections, reuse = false, onEvent } = options
  const places: Place[] = []
  const queue: Job[] = []
  let over = false

  const tell = (job: Job, bytes: number, state: State): void => {
    if (over || (state === 'some' && bytes === job.told)) return
    job.told = bytes
    onEvent?.({ target: job.target, bytes, state })
  }

  const start = (): void => {
    if (over) return
    while (queue.length > 0) {
      let place = places.find(({ job }) => job === null)
      if (!place) {
        if (places.length >= maxConnections) return
        const socket = net.connect(port, '127.0.0.1').setNoDelay(true)
        place = { socket, job: null, bytes: Buffer.of() }
        places.push(place)
        void carry(place)
      }
      const job = queue.shift() as Job
      place.job = job
      place.socket.write(
        `GET ${job.target} HTTP/1.1\r\n${reuse ? '' : 'connection: Close\r\n'}host: 127.0.0.1:${port}\r\n\r\n`,
      )
    }
  }

  const carry = async (place: Place): Promise<void> => {
    let end: Error = Object.assign(new Error('cut short'), { code: 'ETRUNCATED' })
    try {
      for await (const chunk of place.socket) {
        if (!place.job) break
        place.bytes = Buffer.concat([place.bytes, chunk as Buffer])
        if (take(place, place.job) === 'last') break
      }
    } catch (error) {
      end = error as Error
    }
    place.socket.destroy()
    places.splice(places.indexOf(place), 1)
    const { job } = place
    if (job) {
      tell(job, job.told, 'failed')
      job.done(end)
    }
    start()
  }

  const take = (place: Place, job: Job): 'goes on' | 'last' => {
    const blank = place.bytes.indexOf('\r\n\r\n')
    if (blank === -1) return 'goes on'
    const head = place.bytes.toString('latin1', 0, blank)
    const status = /^HTTP\/(1\.[01]) (\d{3}) ?(.*)/.exec(head)
    const headers = [...head.matchAll(/\r\n([^:\r]+):[ \t]*(.*)/g)].map(
      ([, name = '', value = '']) => [name, value] as const,
    )
    const of = (wanted: string): string =>
      headers.flatMap(([name, value]) => (name.toLowerCase() === wanted ? [value] : [])).join()
    if (!status || !/^\d+$/.test(of('content-length')))
      throw Object.assign(new Error(head), { code: 'EPROTO' })
    const end = blank + 4 + Number(of('content-length'))
    const body = place.bytes.subarray(blank + 4, end)
    const isWhole = place.bytes.length >= end
    tell(job, body.length, isWhole ? 'whole' : 'some')
    job.more(body)
    if (!isWhole) return 'goes on'
    const isLast = place.bytes.length > end
    place.job = null
    place.bytes = Buffer.of()
    const [, version, code, reason = ''] = status
    job.done({
      version: version as '1.1',
      status: Number(code),
      reason,
      headers,
      body: Uint8Array.from(body),
    })
    const words = of('connection')
      .toLowerCase()
      .split(/[\s,]+/)
    const keeps =
      reuse && !isLast && !words.includes('close') && (version === '1.1' || words.includes('keep-alive'))
    if (!keeps) return 'last'
    start()
    return 'goes on'
  }

  return new Promise<{ response: Response; images: Image[] }>((resolve, reject) => {
    const tags = new Tags()
    const images: Array<Image | null> = []
    let page: Response | null = null
    const settle = (action: () => void): void => {
      over = true
      for (const { socket } of places) socket.destroy()
      action()
    }
    const look = (): void => {
      const all = images.filter((image) => image !== null)
      if (page && all.length === images.length) {
        const response = page
        settle(() => resolve({ response, images: all }))
      }
    }
    const more = (body: Buffer): void => {
      tags.add(body.toString('latin1', seen))
      seen = body.length
      for (const found of tags.targets.slice(images.length)) {
        const index = images.push(null) - 1
        const done = (result: Response | Error): void => {
          const failed = (result as NodeJS.ErrnoException).code ?? 'unknown'
          images[index] =
            result instanceof Error ? { target: found, failed } : { target: found, response: result }
          look()
        }
        queue.push({ target: found, told: 0, more: () => undefined, done })
      }
      start()
    }
    let seen = 0
    const done = (result: Response | Error): void => {
      if (result instanceof Error) return settle(() => reject(result))
      page = result
      look()
    }
    queue.push({ target, told: 0, more, done })
    start()
  })
}

export function quickest(o: {
  objects: number
  bytes: number
  rttMs: number
  bytesPerMs: number
  maxConnections: number
}): { connections: number; ms: number } {
  const tries = Array.from({ length: o.maxConnections }, (_, index) => {
    let ms = 0
    for (let left = o.objects; left > 0; left -= index + 1)
      ms += 2 * o.rttMs + (Math.min(left, index + 1) * o.bytes) / o.bytesPerMs
    return { connections: index + 1, ms }
  })
  const shortest = Math.min(...tries.map(({ ms }) => ms))
  return tries.find(({ ms }) => ms * 10 <= shortest * 11) ?? { connections: 1, ms: shortest }
}
