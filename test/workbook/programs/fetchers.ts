import net from 'node:net'

/** A learner's program for tests of the link: five ways to fetch a page and its images. */

const IMAGES = ['/a.png', '/b.png', '/c.png']

/** One connection; responses come in the order of the requests, each with a Content-Length. */
class Client {
  readonly #socket: net.Socket
  readonly #connected: Promise<void>
  readonly #waiting: Array<(body: Buffer) => void> = []
  #unread = Buffer.alloc(0)

  constructor(port: number) {
    this.#socket = net.connect({ port, host: '127.0.0.1', noDelay: true })
    this.#connected = new Promise((resolve) => this.#socket.once('connect', resolve))
    this.#socket.on('data', (chunk) => {
      this.#unread = Buffer.concat([this.#unread, chunk])
      while (this.#takeResponse());
    })
  }

  async get(path: string): Promise<Buffer> {
    await this.#connected
    this.#socket.write(`GET ${path} HTTP/1.1\r\nHost: origin\r\n\r\n`)
    return await new Promise((resolve) => this.#waiting.push(resolve))
  }

  close(): void {
    this.#socket.end()
  }

  #takeResponse(): boolean {
    const start = this.#unread.indexOf('\r\n\r\n') + 4
    if (start < 4) return false
    const length = Number(/content-length: (\d+)/i.exec(this.#unread.toString('latin1', 0, start))?.[1])
    if (this.#unread.length < start + length) return false
    this.#waiting.shift()?.(this.#unread.subarray(start, start + length))
    this.#unread = this.#unread.subarray(start + length)
    return true
  }
}

async function fetchAlone(port: number, path: string): Promise<void> {
  const client = new Client(port)
  await client.get(path)
  client.close()
}

export async function serial(port: number): Promise<void> {
  for (const path of ['/', ...IMAGES]) await fetchAlone(port, path)
}

export async function parallel(port: number): Promise<void> {
  await fetchAlone(port, '/')
  await Promise.all(IMAGES.map((path) => fetchAlone(port, path)))
}

export async function persistent(port: number): Promise<void> {
  const client = new Client(port)
  for (const path of ['/', ...IMAGES]) await client.get(path)
  client.close()
}

export async function pipelined(port: number): Promise<void> {
  const client = new Client(port)
  await client.get('/')
  await Promise.all(IMAGES.map((path) => client.get(path)))
  client.close()
}

/** Half a second of virtual time passes between the page and its images. */
export async function restsBetween(port: number): Promise<void> {
  const client = new Client(port)
  await client.get('/')
  await new Promise((resolve) => setTimeout(resolve, 500))
  for (const path of IMAGES) await client.get(path)
  client.close()
}

/** The page's connection is used again, and two more are opened beside it. */
export async function persistentAndTwo(port: number): Promise<void> {
  const first = new Client(port)
  await first.get('/')
  const clients = [first, new Client(port), new Client(port)]
  await Promise.all(clients.map((client, index) => client.get(IMAGES[index] ?? '/')))
  for (const client of clients) client.close()
}

/** The blank line that ends a request is forgotten. */
export async function neverEndsItsRequest(port: number): Promise<void> {
  const socket = net.connect({ port, host: '127.0.0.1' }, () =>
    socket.write('GET / HTTP/1.1\r\nHost: origin\r\n'),
  )
  await new Promise((resolve) => socket.once('data', resolve))
}

/** Virtual time and logical time go side by side. */
export async function waitsBeforehand(port: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 100))
  await serial(port)
}
