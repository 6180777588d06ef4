import { HpackEncoder } from '../../../labs/kit/hpack.ts'
import type { Headers, Request, Response } from '../../../labs/kit/http.ts'
import { FRAME, nameOfError, PREFACE, SETTING } from '../../../labs/kit/http2.ts'
import type { Check, Connection } from '../../../workbook/grading/check.ts'
import { endOf, Peer } from './peer.ts'
import { headers, pieceAt, settings, SETTINGS_ACK } from './wire.ts'

/** What the examples share: a server whose handler answers at once, and connections to it. */

export interface Served {
  readonly port: number
  /** Targets that the handler has been given. */
  readonly handled: string[]
}

export async function served(c: Check, options = { maxStreams: 100, windowBytes: 65_535 }): Promise<Served> {
  const handled: string[] = []
  const handler = ({ target }: Request): Response => {
    handled.push(target)
    return { version: '1.1', status: 200, reason: '', headers: [], body: Buffer.from(target) }
  }
  const { port } = await c.learner.serve('serveH2', handler, options)
  return { port, handled }
}

/** A client that has said hello, and heard it. */
export class Client {
  readonly peer: Peer
  readonly wire: Connection
  readonly #c: Check
  #nextId = 1

  /** @param skip - As for Peer: then this is a server, and what it hears a client. */
  constructor(c: Check, wire: Connection, skip = 0) {
    this.#c = c
    this.wire = wire
    this.peer = new Peer(wire, skip)
  }

  static async open(
    c: Check,
    port: number,
    ...set: ReadonlyArray<readonly [number, number]>
  ): Promise<Client> {
    const client = new Client(c, await c.connect(port))
    await client.send(Buffer.concat([PREFACE, settings(...set)]))
    await client.send(SETTINGS_ACK)
    return client
  }

  id(): number {
    const id = this.#nextId
    this.#nextId += 2
    return id
  }

  /** A section as HEADERS, on the next stream. */
  get(target: string, fields: Headers = [], isEnd = true): Buffer {
    return headers(this.id(), this.peer.encoder.encode([...pseudo(target), ...fields]), { isEnd })
  }

  /** Returns when the program has read it and is idle. */
  async send(...parts: readonly Buffer[]): Promise<void> {
    await this.wire.send(Buffer.concat(parts))
    await this.#c.learner.idle()
    this.peer.read()
  }

  /** The connection ended, with this code. */
  async isFailed(requirement: string, what: string, codes: readonly number[], isSaid = true): Promise<void> {
    const { goaway } = this.peer
    const names = codes.map(nameOfError).join(' or ')
    await this.#c.blame(requirement, () => {
      if (this.peer.broken) this.#c.fail(this.peer.broken.expected, this.peer.broken.saw)
      this.#c.expect(
        goaway !== null || !isSaid,
        `GOAWAY with ${names} for ${what}`,
        `none: your side is idle, the connection ${this.wire.ended === 'open' ? 'open' : 'ended'}`,
      )
      this.#c.expect(
        goaway === null || codes.includes(goaway.code),
        `GOAWAY with ${names} for ${what}`,
        `GOAWAY with ${nameOfError(goaway?.code ?? 0)}`,
      )
      this.#c.expect(this.wire.ended !== 'open', `FIN from you behind ${what}`, 'the connection is open')
    })
    if (this.wire.ended === 'FIN') await this.wire.fin()
  }

  /** A request is answered on this connection as if nothing had been. */
  async isWell(requirement: string, behind: string): Promise<void> {
    const target = `/${this.#c.random.word()}`
    const bytes = this.get(target)
    await this.send(bytes)
    const shown = this.peer.streams.get(pieceAt(bytes, 0)?.stream ?? 0)
    const said = this.peer.goaway
      ? `GOAWAY with ${nameOfError(this.peer.goaway.code)}`
      : shown
        ? endOf(shown)
        : 'nothing'
    await this.#c.blame(requirement, () =>
      this.#c.expect(
        shown?.body.toString() === target && shown.ended,
        `the next request answered, behind ${behind}`,
        said,
      ),
    )
  }
}

export function pseudo(target: string, method = 'GET'): Headers {
  return [
    [':method', method],
    [':scheme', 'http'],
    [':path', target],
    [':authority', 'a.example'],
  ]
}

/** R2: whatever is no preface. */
export async function otherBeginnings(c: Check): Promise<void> {
  const { port, handled } = await served(c)
  const hello = settings()
  const get = headers(1, new HpackEncoder().encode(pseudo('/early')), { isEnd: true })
  const rows: ReadonlyArray<readonly [what: string, bytes: Buffer, isSaid: boolean]> = [
    ['a request of HTTP/1.1', Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n'), false],
    ['one wrong byte', Buffer.from('X'), false],
    ['a preface with a wrong end', Buffer.concat([PREFACE.subarray(0, 23), Buffer.from('!'), hello]), false],
    ['HEADERS before SETTINGS', Buffer.concat([PREFACE, get, hello]), true],
    [
      'PING before SETTINGS',
      Buffer.concat([PREFACE, Buffer.from([0, 0, 8, 6, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8])]),
      true,
    ],
    ['an ACK before SETTINGS', Buffer.concat([PREFACE, SETTINGS_ACK, get]), true],
  ]
  for (const [what, bytes, isSaid] of rows) {
    c.step(`the client begins with ${what}`)
    const client = new Client(c, await c.connect(port))
    await client.send(bytes)
    await client.isFailed('R2', what, [1], isSaid)
  }
  c.expectEqual(handled, [], 'requests handled')
  const slow = new Client(c, await c.connect(port))
  await slow.send()
  c.expect(
    slow.peer.settingsSeen === 1,
    'SETTINGS from your server before the client has said anything',
    'nothing: it is idle',
  )
  await slow.wire.sendInParts([
    PREFACE.subarray(0, 1),
    PREFACE.subarray(1, 23),
    Buffer.concat([PREFACE.subarray(23), hello.subarray(0, 4)]),
    hello.subarray(4),
  ])
  await slow.isWell('R2', 'a preface in four pieces')
}

/** R4: the client's table is smaller. */
export async function smallTable(c: Check): Promise<void> {
  const { port } = await served(c)
  const client = await Client.open(c, port, [SETTING.HEADER_TABLE_SIZE, 0])
  await client.send(client.get('/a'))
  await client.send(client.get('/b'))
  const first = client.peer.heard.find(({ type }) => type === FRAME.HEADERS)
  c.expect(
    first?.payload[0] === 0x20,
    'a change of the table to 0 bytes at the beginning of the first section (RFC 7541 §4.2)',
    first ? `0x${(first.payload[0] ?? 0).toString(16)}` : 'no HEADERS',
  )
  await client.isWell('R4', 'a table of 0 bytes')
}

/** R2: what the client can take is no reason to send it. */
export async function largerFramesWelcome(c: Check): Promise<void> {
  const handler = await c.learner.make('sized')
  const { port } = await c.learner.serve('serveH2', handler, { maxStreams: 100, windowBytes: 65_535 })
  const client = await Client.open(c, port, [SETTING.MAX_FRAME_SIZE, 65_536])
  await client.send(client.get('/40000'))
  const longest = Math.max(0, ...client.peer.heard.map(({ payload }) => payload.length))
  c.expect(
    longest <= 16_384,
    'no frame over 16384 bytes, though the client would take 65536',
    `one of ${longest} bytes`,
  )
  c.expectEqual(client.peer.on(1).body.length, 40_000, 'the bytes of the answer that have come')
}

/** R9: trailers of a stream that was refused still change the table of the connection. */
export async function trailersOfARefusedOne(c: Check): Promise<void> {
  const handled: Array<string | undefined> = []
  const handler = ({ target, headers: fields }: Request): Promise<Response> | Response => {
    handled.push(fields.find(([name]) => name === 'x-late')?.[1])
    const answer = {
      version: '1.1',
      status: 200,
      reason: '',
      headers: [],
      body: Buffer.from(target),
    } as const
    return target === '/waits'
      ? new Promise<Response>((resolve) => void (free = () => resolve(answer)))
      : answer
  }
  let free = (): void => undefined
  const { port } = await c.learner.serve('serveH2', handler, { maxStreams: 1, windowBytes: 65_535 })
  const client = await Client.open(c, port)
  await client.send(client.get('/waits'), client.get('/refused', [], false))
  const late = [['x-late', c.random.word()]] as const
  await client.send(headers(3, client.peer.encoder.encode(late), { isEnd: true }))
  free()
  await client.send()
  await client.send(client.get('/next', late))
  c.expectEqual(handled, [undefined, late[0][1]], 'x-late of /waits and of /next')
  await client.isWell('R9', 'trailers of a stream that was refused')
}

/** R8: more than the window. */
export async function beyondTheWindow(c: Check): Promise<void> {
  const { port, handled } = await served(c, { maxStreams: 100, windowBytes: 100 })
  const client = await Client.open(c, port)
  const bytes = client.get('/over', [], false)
  await client.send(bytes, Buffer.concat([Buffer.from([0, 0, 101, 0, 1, 0, 0, 0, 1]), Buffer.alloc(101)]))
  const shown = client.peer.on(1)
  if (client.peer.goaway) await client.isFailed('R8', 'DATA of 101 bytes in a window of 100', [3])
  else {
    c.expect(
      shown.reset === 3,
      'RST_STREAM with FLOW_CONTROL_ERROR for DATA of 101 bytes in a window of 100',
      endOf(shown),
    )
    await client.isWell('R8', 'it')
  }
  c.expect(!handled.includes('/over'), 'no handler for it', 'it was called')
}
