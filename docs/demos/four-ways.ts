// A page and its three images, loaded in five ways: connections and round trips, counted.
import net from 'node:net'
import type { Path } from '../../workbook/wire/round-trips.ts'
import { onLink, type LinkOptions } from './parts/logical-link.ts'
import { printTable } from './parts/print-table.ts'

const PAGE = '/'
const IMAGES = ['/a.png', '/b.png', '/c.png']

/** One connection. Answers come in the order of the requests, each with a Content-Length. */
class Connection {
  readonly #socket: net.Socket
  readonly #waiting: Array<() => void> = []
  #unread = ''

  constructor(port: number) {
    this.#socket = net.connect({ port, host: '127.0.0.1', noDelay: true })
    this.#socket.setEncoding('latin1').on('data', (text: string) => {
      this.#unread += text
      while (this.#takeAnswer());
    })
  }

  get(path: string): Promise<void> {
    this.#socket.write(`GET ${path} HTTP/1.1\r\nHost: harbour.example\r\n\r\n`)
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  close(): void {
    this.#socket.end()
  }

  #takeAnswer(): boolean {
    const [head, length] = /^[^]*?Content-Length: (\d+)\r\n\r\n/.exec(this.#unread) ?? []
    if (head === undefined || this.#unread.length < head.length + Number(length))
      return false
    this.#unread = this.#unread.slice(head.length + Number(length))
    this.#waiting.shift()?.()
    return true
  }
}

/** Loads the page and its images. What it leaves in `kept` is there for the next page. */
type Way = (port: number, kept: Connection[]) => Promise<void>

async function onceAndClose(port: number, path: string): Promise<void> {
  const connection = new Connection(port)
  await connection.get(path)
  connection.close()
}

// #region ways
const serial: Way = async (port) => {
  for (const path of [PAGE, ...IMAGES]) await onceAndClose(port, path)
}

const parallel: Way = async (port) => {
  await onceAndClose(port, PAGE)
  await Promise.all(IMAGES.map((path) => onceAndClose(port, path)))
}

const persistent: Way = async (port, kept) => {
  const connection = (kept[0] ??= new Connection(port))
  for (const path of [PAGE, ...IMAGES]) await connection.get(path)
}

const pipelined: Way = async (port, kept) => {
  const connection = (kept[0] ??= new Connection(port))
  await connection.get(PAGE)
  await Promise.all(IMAGES.map((path) => connection.get(path)))
}

const threeKept: Way = async (port, kept) => {
  await (kept[0] ??= new Connection(port)).get(PAGE)
  await Promise.all(
    IMAGES.map((path, index) => (kept[index] ??= new Connection(port)).get(path)),
  )
}
// #endregion ways

const WAYS = { serial, parallel, persistent, pipelined, 'three, kept': threeKept }

const small = { bytes: 500, initialWindow: 10 }
process.stdout.write('every answer has 500 bytes\n\n')
await compare(small)

const large = { bytes: 100_000, initialWindow: 2 }
process.stdout.write(
  '\nevery answer has 100,000 bytes, and a new connection begins with two segments\n\n',
)
await compare(large)

async function compare(link: LinkOptions): Promise<void> {
  const rows: Array<Array<string | number>> = []
  for (const [name, way] of Object.entries(WAYS)) {
    const counts = await onLink(link, (port, path) => loadTwice(way, port, path))
    rows.push([name, ...counts])
  }
  printTable(['way', 'connections', 'most open', 'round trips', 'a second page'], rows)
}

/** Counts of the first page, and the round trips that a second one takes. */
async function loadTwice(way: Way, port: number, path: Path): Promise<number[]> {
  const kept: Connection[] = []
  await way(port, kept)
  const first = [path.connections, path.mostOpen, path.roundTrips]
  await way(port, kept)
  const second = path.roundTrips - (first[2] ?? 0)
  for (const connection of kept) connection.close()
  return [...first, second]
}
