import http from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

const IMAGES = 10
/** A browser with six connections can ask for five images beside a page, and for one more behind it. */
const BESIDE = 5

/** One white dot. */
const DOT = Buffer.from(
  'R0lGODlhAQABAIAAAP///////yH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==',
  'base64',
)
const HEAD = '<!doctype html><title>Quay</title><link rel="icon" href="data:,"><body>'

/**
 * A server of a page whose images all stand in its first half. It sends the second half when so many images have been
 * asked for as six connections allow, and then answers, and writes down what it was asked for in each of the three parts.
 */
export class SlowPage {
  readonly #server: http.Server
  readonly #asked: [number[], number[], number[]] = [[], [], []]
  readonly #connections = new Set<Socket>()
  #page: http.ServerResponse | null = null
  #held: http.ServerResponse[] = []
  #part = 0

  private constructor() {
    this.#server = http.createServer((request, response) => {
      this.#connections.add(request.socket)
      if (request.url === '/') this.#begin(response)
      else this.#ask(Number(/\d+/.exec(request.url ?? '')?.[0]), response)
    })
  }

  static async open(): Promise<SlowPage> {
    const page = new SlowPage()
    await new Promise<void>((resolve) => page.#server.listen(0, '127.0.0.1', resolve))
    return page
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** The images of each part, and the number of connections. Several connections are not heard in their order. */
  get told(): string[] {
    const parts = this.#asked.map((part) => part.toSorted((a, b) => a - b).join(' '))
    return [...parts, String(this.#connections.size)]
  }

  /** The next part begins. @returns Whether there was one. */
  goOn(): boolean {
    if (this.#part === 2 || !this.#page) return false
    this.#part++
    if (this.#part === 1) this.#page.end('<p>That is all.</p>')
    else for (const response of this.#held.splice(0)) response.end(DOT)
    return true
  }

  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  // --- internal ---

  #begin(response: http.ServerResponse): void {
    this.#page = response
    const tags = Array.from(
      { length: IMAGES },
      (_, index) => `<img src="/${index + 1}.gif">`,
    )
    const html = `${HEAD}${tags.join('')}`
    const length = Buffer.byteLength(`${html}<p>That is all.</p>`)
    response
      .writeHead(200, { 'Content-Type': 'text/html', 'Content-Length': length })
      .write(html)
  }

  #ask(number: number, response: http.ServerResponse): void {
    this.#asked[this.#part]?.push(number)
    response.writeHead(200, { 'Content-Type': 'image/gif', 'Content-Length': DOT.length })
    if (this.#part === 2) return void response.end(DOT)
    this.#held.push(response)
    if (this.#held.length === BESIDE + this.#part) this.goOn()
  }
}
