import { ERROR, FRAME, nameOfError } from '../../../labs/kit/http2.ts'
import type { Check } from '../../../workbook/grading/check.ts'
import { endOf } from './peer.ts'
import { Client, pseudo, served } from './scenes.ts'
import { data, frame, headers, pieceAt, rst, settings } from './wire.ts'

/** R13: what is too large, and what is too much. */

const { ENHANCE_YOUR_CALM } = ERROR
/** Borne in ten seconds, and never borne. */
const [FEW, MANY] = [500, 2_000]
const LIMIT = 1_048_576

/** One piece of work that carries nothing. */
const NOTHINGS: Readonly<
  Record<string, { readonly first?: (client: Client) => Buffer; readonly each: (client: Client) => Buffer }>
> = {
  PING: { each: () => frame(FRAME.PING, 0, 0, Buffer.alloc(8)) },
  SETTINGS: { each: () => settings() },
  'streams that are opened and reset': {
    each: (client) => {
      const id = client.id()
      return Buffer.concat([
        headers(id, client.peer.encoder.encode(pseudo('/reset')), { isEnd: false }),
        rst(id, ERROR.CANCEL),
      ])
    },
  },
  'DATA without a byte': {
    first: (client) => client.get('/waits', [], false),
    each: () => data(1, Buffer.alloc(0), false),
  },
  'malformed requests': {
    each: (client) => headers(client.id(), client.peer.encoder.encode([[':method', 'GET']]), { isEnd: true }),
  },
}

export async function floods(c: Check): Promise<void> {
  const handler = await c.learner.make('sized')
  const { port } = await c.learner.serve('serveH2', handler, { maxStreams: 10, windowBytes: 65_535 })
  c.learner.holdClock()
  for (const [what, { first, each }] of Object.entries(NOTHINGS)) {
    c.step(`${MANY} times ${what}`)
    const client = await Client.open(c, port)
    await client.send(...(first ? [first(client)] : []), ...Array.from({ length: MANY }, () => each(client)))
    await client.isFailed('R13', `${MANY} times ${what}`, [ENHANCE_YOUR_CALM])
  }
  c.step(`${MANY} CONTINUATION without a byte`)
  const client = await Client.open(c, port)
  const [begun] = [
    headers(1, client.peer.encoder.encode(pseudo('/never')), { isEnd: true, cuts: [3] }).subarray(0, 12),
  ]
  await client.send(begun, ...Array.from({ length: MANY }, () => frame(FRAME.CONTINUATION, 0, 1)))
  await client.isFailed('R13', `${MANY} CONTINUATION without a byte`, [ENHANCE_YOUR_CALM])
}

/** What is in order is welcome, however much of it. */
export async function noFloods(c: Check): Promise<void> {
  const handler = await c.learner.make('sized')
  const { port } = await c.learner.serve('serveH2', handler, { maxStreams: 100, windowBytes: 65_535 })
  c.learner.holdClock()
  const client = await Client.open(c, port)
  const borne = (what: string): void => {
    const { goaway } = client.peer
    c.expect(
      goaway === null && client.wire.ended === 'open',
      `the connection open behind ${what}`,
      goaway ? `GOAWAY with ${nameOfError(goaway.code)}` : client.wire.ended,
    )
  }
  for (let round = 1; round <= 4; round++) {
    await client.send(...Array.from({ length: FEW - 10 }, () => frame(FRAME.PING, 0, 0, Buffer.alloc(8))))
    borne(`${FEW - 10} PING, for the ${round}. time in ten seconds each`)
    await c.learner.tick(10_000)
  }
  // So many in any ten seconds, and never ten seconds without one.
  for (let round = 1; round <= 30; round++) {
    await client.send(...Array.from({ length: 80 }, () => frame(FRAME.PING, 0, 0, Buffer.alloc(8))))
    borne(`80 PING, for the ${round}. time in two seconds each`)
    await c.learner.tick(2_000)
  }
  // More of either than a program may bear of what is out of order.
  for (let round = 1; round <= 42; round++) {
    await client.send(...Array.from({ length: 100 }, (_, each) => inOrder(client, each % 2 === 1)))
    borne(`${round * 100} requests in order`)
  }
  const answered = [...client.peer.streams.values()].filter(({ ended }) => ended)
  c.expectEqual(answered.length, 4_200, 'requests answered')
}

/** 431, and a connection that goes on. */
export async function largeSections(c: Check): Promise<void> {
  const { port, handled } = await served(c)
  const client = await Client.open(c, port)
  const sized = (bytes: number): Buffer => {
    const fields = pseudo('/large')
    const taken = fields.reduce((sum, [name, value]) => sum + name.length + value.length + 32, 0)
    return client.get('/large', [['x-large', 'l'.repeat(bytes - taken - 32 - 7)]])
  }
  await client.send(sized(16_384))
  c.expect(
    handled.length === 1 && client.peer.on(1).ended,
    'a section of 16384 bytes taken',
    endOf(client.peer.on(1)),
  )
  await client.send(sized(16_385))
  await isRefused(c, client, 3, '431', 'a section of 16385 bytes')
  const entry = headers(5, client.peer.encoder.encode([...pseudo('/bomb'), ['x-bomb', 'b'.repeat(3_000)]]), {
    isEnd: true,
  })
  const bomb = Buffer.concat([entry.subarray(9), Buffer.alloc(10_000, 0x80 | 62)])
  await client.send(headers(5, bomb, { isEnd: true }))
  client.id()
  await isRefused(c, client, 5, '431', 'ten thousand fields in ten thousand bytes')
  await client.send(
    client.get('/trailers', [], false),
    headers(7, client.peer.encoder.encode([['x-large', 'l'.repeat(16_384)]]), { isEnd: true }),
  )
  await isRefused(c, client, 7, '431', 'trailers of more than 16384 bytes')
  c.expectEqual(handled, ['/large'], 'requests handled')
  await client.isWell('R13', 'a header bomb')
  const endless = await Client.open(c, port)
  const parts = Array.from({ length: 5 }, () => frame(FRAME.CONTINUATION, 0, 1, Buffer.alloc(16_384, 0x82)))
  await endless.send(
    headers(1, Buffer.alloc(20, 0x82), { isEnd: true, cuts: [10] }).subarray(0, 19),
    ...parts,
  )
  await endless.isFailed('R13', 'CONTINUATION without end', [ENHANCE_YOUR_CALM])
}

/** 413, and a body that is read and dropped. */
export async function largeBodies(c: Check): Promise<void> {
  const { port, handled } = await served(c)
  const client = await Client.open(c, port)
  await upload(c, client, '/fits', LIMIT)
  c.expect(
    client.peer.on(1).body.toString() === '/fits',
    'a body of 1048576 bytes taken',
    endOf(client.peer.on(1)),
  )
  await upload(c, client, '/large', LIMIT + 40_000)
  await isRefused(c, client, 3, '413', 'a body of 1088576 bytes')
  c.expectEqual(handled, ['/fits'], 'requests handled')
  await client.isWell('R13', 'it')
}

// --- internal ---

/** A request, which may end with a frame of no byte. */
function inOrder(client: Client, endsLater: boolean): Buffer {
  const bytes = client.get('/0', [], !endsLater)
  return endsLater
    ? Buffer.concat([bytes, data(pieceAt(bytes, 0)?.stream ?? 0, Buffer.alloc(0), true)])
    : bytes
}

/** As the server's windows allow, until it is whole or reset. */
async function upload(c: Check, client: Client, target: string, length: number): Promise<void> {
  const { peer } = client
  const bytes = client.get(target, [], false)
  const id = (bytes[7] ?? 0) * 256 + (bytes[8] ?? 0)
  const before = peer.granted
  await client.send(bytes)
  const usedBefore = used.get(client) ?? 0
  let sent = 0
  while (sent < length && peer.on(id).reset === null) {
    const room = Math.min(
      65_535 + peer.on(id).granted - sent,
      65_535 + peer.granted - usedBefore - sent,
      length - sent,
    )
    c.expect(
      room > 0,
      `WINDOW_UPDATE from your server: ${length - sent} bytes are left of ${target}`,
      `none: your server is idle, and has granted ${peer.granted - before}`,
    )
    const pieces: Buffer[] = []
    for (let left = room; left > 0; left -= 16_384) {
      sent += Math.min(left, 16_384)
      pieces.push(data(id, Buffer.alloc(Math.min(left, 16_384), 'u'), sent === length))
    }
    await client.send(...pieces)
  }
  used.set(client, usedBefore + sent)
}

/** Bytes of DATA that a client has sent. */
const used = new WeakMap<Client, number>()

async function isRefused(
  c: Check,
  { peer }: Client,
  id: number,
  status: string,
  what: string,
): Promise<void> {
  const shown = peer.on(id)
  const saw = peer.goaway
    ? `GOAWAY with ${nameOfError(peer.goaway.code)}`
    : (shown.sections[0]?.[0]?.join(': ') ?? endOf(shown))
  c.expect(
    shown.sections.length === 1 && shown.sections[0]?.[0]?.[1] === status,
    `one answer, with :status ${status}, to ${what}`,
    saw,
  )
  c.expect(shown.ended || shown.reset === 0, `the end of the answer to ${what}`, endOf(shown))
}
