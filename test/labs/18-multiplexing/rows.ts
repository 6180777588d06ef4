import type { Headers } from '../../../labs/kit/http.ts'
import { ERROR, FRAME, nameOfError, SETTING } from '../../../labs/kit/http2.ts'
import type { Check } from '../../../workbook/grading/check.ts'
import { MALFORMED } from './malformed.ts'
import { endOf } from './peer.ts'
import { Client, pseudo, served } from './scenes.ts'
import { bytesOf, data, frame, headers, rst, settings, windowUpdate } from './wire.ts'

/** What ends a stream, and what ends the connection: every row in every run. */

const { PROTOCOL_ERROR, FLOW_CONTROL_ERROR, FRAME_SIZE_ERROR, STREAM_CLOSED, COMPRESSION_ERROR } = ERROR
const SOME = Buffer.from('some')

interface StreamRow {
  readonly bytes: (client: Client, id: number) => Buffer[]
  readonly code: number
  /** It may fail the connection. */
  readonly mayFail?: true
}

const post = (client: Client, id: number, ...fields: Headers): Buffer =>
  headers(id, client.peer.encoder.encode([...pseudo('/bad', 'POST'), ...fields]), { isEnd: false })
const section = (client: Client, id: number, fields: Headers, isEnd: boolean): Buffer =>
  headers(id, client.peer.encoder.encode(fields), { isEnd })

const ON_A_STREAM: Readonly<Record<string, StreamRow>> = {
  'a body shorter than its Content-Length': {
    code: PROTOCOL_ERROR,
    bytes: (client, id) => [post(client, id, ['content-length', '5']), data(id, SOME, true)],
  },
  'a body longer than its Content-Length': {
    code: PROTOCOL_ERROR,
    bytes: (client, id) => [post(client, id, ['content-length', '3']), data(id, SOME, true)],
  },
  'a body with padding, counted as body': {
    code: PROTOCOL_ERROR,
    bytes: (client, id) => [post(client, id, ['content-length', '7']), data(id, SOME, true, 2)],
  },
  'a body that trailers end too early': {
    code: PROTOCOL_ERROR,
    bytes: (client, id) => [
      post(client, id, ['content-length', '5']),
      data(id, SOME, false),
      section(client, id, [['x-a', 'b']], true),
    ],
  },
  'trailers without END_STREAM': {
    code: PROTOCOL_ERROR,
    bytes: (client, id) => [post(client, id), section(client, id, [['x-a', 'b']], false)],
  },
  'a pseudo-field in trailers': {
    code: PROTOCOL_ERROR,
    bytes: (client, id) => [post(client, id), section(client, id, [[':path', '/bad']], true)],
  },
  'an upper-case name in trailers': {
    code: PROTOCOL_ERROR,
    bytes: (client, id) => [post(client, id), section(client, id, [['X-A', 'b']], true)],
  },
  'a WINDOW_UPDATE of zero': {
    code: PROTOCOL_ERROR,
    bytes: (client, id) => [post(client, id), windowUpdate(id, 0)],
  },
  'a WINDOW_UPDATE of too much': {
    code: FLOW_CONTROL_ERROR,
    bytes: (client, id) => [post(client, id), windowUpdate(id, 2 ** 31 - 1)],
  },
}

/** A handler that never ends keeps these streams open. */
const BEHIND_THE_END: Readonly<Record<string, StreamRow>> = {
  'DATA behind END_STREAM': {
    code: STREAM_CLOSED,
    mayFail: true,
    bytes: (client, id) => [section(client, id, pseudo('/wait'), true), data(id, SOME, true)],
  },
  'HEADERS behind END_STREAM': {
    code: STREAM_CLOSED,
    mayFail: true,
    bytes: (client, id) => [
      section(client, id, pseudo('/wait'), true),
      section(client, id, [['x-a', 'b']], true),
    ],
  },
}

/** R11. */
export async function streamErrors(c: Check): Promise<void> {
  const { port, handled } = await served(c)
  const client = await Client.open(c, port)
  const rows: Readonly<Record<string, StreamRow>> = {
    ...Object.fromEntries(
      Object.entries(MALFORMED).map(([what, fields]) => [
        what,
        { code: PROTOCOL_ERROR, bytes: (of: Client, id: number) => [section(of, id, fields, true)] },
      ]),
    ),
    ...ON_A_STREAM,
  }
  for (const [what, { bytes, code }] of Object.entries(rows)) {
    c.step(`a request with ${what}`)
    const id = client.id()
    await client.send(...bytes(client, id))
    const shown = client.peer.on(id)
    const saw = client.peer.goaway ? `GOAWAY with ${nameOfError(client.peer.goaway.code)}` : endOf(shown)
    c.expect(shown.reset === code, `RST_STREAM with ${nameOfError(code)} for ${what}`, saw)
    c.expectEqual(
      handled.filter((target) => target.includes('bad') || target === ''),
      [],
      `requests handled with ${what}`,
    )
  }
  await client.isWell('R11', 'all of them')
}

/** R11: where the stream is half ended. */
export async function behindTheEnd(c: Check): Promise<void> {
  const handler = ({ target }: { target: string }): unknown =>
    target === '/wait'
      ? new Promise(() => undefined)
      : { version: '1.1', status: 200, reason: '', headers: [], body: Buffer.from(target) }
  const { port } = await c.learner.serve('serveH2', handler, { maxStreams: 100, windowBytes: 65_535 })
  for (const [what, { bytes, code }] of Object.entries(BEHIND_THE_END)) {
    const client = await Client.open(c, port)
    const id = client.id()
    await client.send(...bytes(client, id))
    const shown = client.peer.on(id)
    if (client.peer.goaway) await client.isFailed('R11', what, [code])
    else {
      c.expect(shown.reset === code, `RST_STREAM with ${nameOfError(code)} for ${what}`, endOf(shown))
      await client.isWell('R11', what)
    }
  }
}

type FailRow = readonly [codes: number | readonly number[], bytes: (client: Client) => Buffer[]]

const eight = Buffer.alloc(8)
const word4 = (value: number): Buffer => Buffer.from(bytesOf(value))
/** A request that is open, on stream 1. */
const open = (client: Client): Buffer => post(client, client.id())

/** What ends the connection; with `both`, whichever side reads it. */
export const BOTH: Readonly<Record<string, FailRow>> = {
  'a frame of 16385 bytes, of which the head has come': [
    FRAME_SIZE_ERROR,
    () => [frame(0xfa, 0, 0, Buffer.alloc(16_385)).subarray(0, 9)],
  ],
  'a PING of 7 bytes': [FRAME_SIZE_ERROR, () => [frame(FRAME.PING, 0, 0, eight.subarray(1))]],
  'a PING ACK of 9 bytes': [FRAME_SIZE_ERROR, () => [frame(FRAME.PING, 1, 0, Buffer.alloc(9))]],
  'a WINDOW_UPDATE of 5 bytes': [
    FRAME_SIZE_ERROR,
    () => [frame(FRAME.WINDOW_UPDATE, 0, 0, Buffer.alloc(5, 1))],
  ],
  'SETTINGS of 5 bytes': [FRAME_SIZE_ERROR, () => [frame(FRAME.SETTINGS, 0, 0, Buffer.alloc(5))]],
  'an ACK of SETTINGS with a setting': [
    FRAME_SIZE_ERROR,
    () => [frame(FRAME.SETTINGS, 1, 0, Buffer.from([0, 4, 0, 0, 0, 9]))],
  ],
  'DATA on stream 0': [PROTOCOL_ERROR, () => [data(0, SOME, false)]],
  'HEADERS on stream 0': [
    PROTOCOL_ERROR,
    (client) => [headers(0, client.peer.encoder.encode(pseudo('/bad')), { isEnd: true })],
  ],
  'RST_STREAM on stream 0': [PROTOCOL_ERROR, () => [rst(0, 8)]],
  'PRIORITY on stream 0': [PROTOCOL_ERROR, () => [frame(FRAME.PRIORITY, 0, 0, Buffer.alloc(5))]],
  'SETTINGS on stream 1': [PROTOCOL_ERROR, () => [frame(FRAME.SETTINGS, 0, 1)]],
  'PING on stream 1': [PROTOCOL_ERROR, () => [frame(FRAME.PING, 0, 1, eight)]],
  'GOAWAY on stream 1': [PROTOCOL_ERROR, () => [frame(FRAME.GOAWAY, 0, 1, eight)]],
  'DATA on a stream that nobody opened': [PROTOCOL_ERROR, () => [data(99, SOME, false)]],
  'RST_STREAM on a stream that nobody opened': [PROTOCOL_ERROR, () => [rst(99, 8)]],
  'WINDOW_UPDATE on a stream that nobody opened': [PROTOCOL_ERROR, () => [windowUpdate(99, 1)]],
  'HEADERS on an even stream': [
    PROTOCOL_ERROR,
    (client) => [headers(2, client.peer.encoder.encode(pseudo('/bad')), { isEnd: true })],
  ],
  'CONTINUATION without HEADERS': [
    PROTOCOL_ERROR,
    () => [frame(FRAME.CONTINUATION, 4, 1, Buffer.from([0x82]))],
  ],
  PUSH_PROMISE: [
    PROTOCOL_ERROR,
    (client) => [
      frame(FRAME.PUSH_PROMISE, 4, 1, Buffer.concat([word4(2), client.peer.encoder.encode(pseudo('/bad'))])),
    ],
  ],
  'ENABLE_PUSH of 2': [PROTOCOL_ERROR, () => [settings([SETTING.ENABLE_PUSH, 2])]],
  'MAX_FRAME_SIZE of 16383': [PROTOCOL_ERROR, () => [settings([SETTING.MAX_FRAME_SIZE, 16_383])]],
  'MAX_FRAME_SIZE of 16777216': [PROTOCOL_ERROR, () => [settings([SETTING.MAX_FRAME_SIZE, 2 ** 24])]],
  'INITIAL_WINDOW_SIZE of 2147483648': [
    FLOW_CONTROL_ERROR,
    () => [settings([SETTING.INITIAL_WINDOW_SIZE, 2 ** 31])],
  ],
  'a WINDOW_UPDATE of zero on stream 0': [PROTOCOL_ERROR, () => [windowUpdate(0, 0)]],
  'a WINDOW_UPDATE of too much on stream 0': [FLOW_CONTROL_ERROR, () => [windowUpdate(0, 2 ** 31 - 1)]],
}

const AT_THE_SERVER: Readonly<Record<string, FailRow>> = {
  'a RST_STREAM of 3 bytes': [
    FRAME_SIZE_ERROR,
    (client) => [open(client), frame(FRAME.RST_STREAM, 0, 1, Buffer.alloc(3))],
  ],
  'a whole frame of 16385 bytes': [
    FRAME_SIZE_ERROR,
    (client) => [open(client), data(1, Buffer.alloc(16_385), true)],
  ],
  'a stream number that is not higher': [
    PROTOCOL_ERROR,
    (client) => [
      headers(7, client.peer.encoder.encode(pseudo('/7')), { isEnd: true }),
      headers(5, client.peer.encoder.encode(pseudo('/bad')), { isEnd: true }),
    ],
  ],
  'PING between HEADERS and CONTINUATION': [
    PROTOCOL_ERROR,
    (client) => cut(client, frame(FRAME.PING, 0, 0, eight)),
  ],
  'an unknown frame between HEADERS and CONTINUATION': [
    PROTOCOL_ERROR,
    (client) => cut(client, frame(0xfa, 0, 0, eight)),
  ],
  'CONTINUATION of another stream': [
    PROTOCOL_ERROR,
    (client) => cut(client, frame(FRAME.CONTINUATION, 4, 3)),
  ],
  'padding of DATA as long as its payload': [
    PROTOCOL_ERROR,
    (client) => [open(client), frame(FRAME.DATA, 9, 1, Buffer.from([4, 0, 0, 0]))],
  ],
  // Padding is wrong (RFC 9113 §6.1), and the frame too small for what it has to hold (§4.2): either may be said.
  'DATA with padding, and no byte of it': [
    [PROTOCOL_ERROR, FRAME_SIZE_ERROR],
    (client) => [open(client), frame(FRAME.DATA, 9, 1)],
  ],
  'padding of HEADERS as long as its payload': [
    PROTOCOL_ERROR,
    () => [frame(FRAME.HEADERS, 13, 1, Buffer.from([4, 0x82, 0, 0]))],
  ],
  'a setting that takes an open window over the limit': [
    FLOW_CONTROL_ERROR,
    (client) => [
      open(client),
      windowUpdate(1, 2 ** 31 - 1 - 65_535),
      settings([SETTING.INITIAL_WINDOW_SIZE, 65_536]),
    ],
  ],
  'a section with an entry that is in no table': [
    COMPRESSION_ERROR,
    () => [headers(1, Buffer.from([0xff, 0x40]), { isEnd: true })],
  ],
  'a section that ends in the middle of a field': [
    COMPRESSION_ERROR,
    () => [headers(1, Buffer.from([0x82, 0x40, 0x05, 0x61]), { isEnd: true })],
  ],
}

/** R12: each on a connection of its own, with a good request behind it that is not to be handled. */
export async function connectionErrors(c: Check): Promise<void> {
  const { port, handled } = await served(c)
  for (const [what, [codes, bytes]] of Object.entries({ ...BOTH, ...AT_THE_SERVER })) {
    c.step(`the client sends ${what}`)
    const client = await Client.open(c, port)
    await client.send(
      ...bytes(client),
      headers(101, client.peer.encoder.encode(pseudo('/behind')), { isEnd: true }),
    )
    await client.isFailed('R12', what, [codes].flat())
    c.expectEqual(
      handled.filter((target) => /bad|behind/.test(target)),
      [],
      `requests handled behind ${what}`,
    )
  }
}

// --- internal ---

/** A section in two frames, with something in between. */
function cut(client: Client, between: Buffer): Buffer[] {
  const whole = headers(1, client.peer.encoder.encode(pseudo('/bad')), { isEnd: true, cuts: [3] })
  return [whole.subarray(0, 12), between, whole.subarray(12)]
}
