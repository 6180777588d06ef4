import type { Call, Check, Connection, HttpMessage, Listener } from '../../../workbook/grading/check.ts'
import type { Conversations } from '../../../workbook/grading/conversation.ts'
import type { Random } from '../../../workbook/grading/random.ts'

/** Conversations about `requestMany`: the grader is the server of each connection in its turn. */

export type Closer = 'client' | 'server'

/** What the server does on one connection, when the request has come. */
interface Turn {
  /** Bytes of the body. */
  readonly body: number
  /** How many pieces the response comes in; an hour passes before the last one where it `waits`. */
  readonly pieces: number
  readonly waits?: true
  /** What the response says of the connection. It moves no FIN: who closes first was agreed before. */
  readonly says?: 'close' | 'keep-alive'
  /** How it ends: as was agreed, by the server though it is not its turn, or too early. */
  readonly ends:
    | 'in turn'
    | 'with the response'
    | 'FIN before its last byte'
    | 'RST before its last byte'
    | 'FIN at once'
    | 'no HTTP'
    | 'RST in turn'
}

const turn = (ends: Turn['ends'] = 'in turn', more: Partial<Turn> = {}): Turn => ({
  body: 9,
  pieces: 1,
  ends,
  ...more,
})

const MANY = {
  'one request': [turn()],
  'three, one after the other': [turn(), turn(), turn()],
  'responses in pieces': [
    turn('in turn', { pieces: 3 }),
    turn('in turn', { body: 40_000, pieces: 4 }),
    turn(),
  ],
  'a body of no bytes': [turn('in turn', { body: 0 }), turn()],
  'a server that takes an hour': [turn('in turn', { pieces: 2, waits: true }), turn()],
  'a response that says close': [turn('in turn', { says: 'close' }), turn()],
  'a response that says keep-alive': [turn('in turn', { says: 'keep-alive' }), turn()],
}

const FAILURES = {
  'FIN at once': [turn('FIN at once'), turn()],
  'what is no HTTP': [turn(), turn('no HTTP'), turn()],
  'FIN before the last byte of the second': [turn(), turn('FIN before its last byte', { pieces: 2 }), turn()],
  'RST before the last byte': [turn('RST before its last byte', { pieces: 2 }), turn()],
  'RST behind the response': [turn(), turn('RST in turn'), turn()],
}

export const REQUESTS = {
  R16: {
    client: conversations('client', {
      ...MANY,
      'the server closes first': [turn('with the response'), turn()],
    }),
    server: conversations('server', {
      ...MANY,
      'FIN with the response': [turn('with the response'), turn()],
    }),
  },
  R17: { client: conversations('client', FAILURES), server: conversations('server', FAILURES) },
}

export const requestMany = (c: Check, port: number, count: number, whoCloses: Closer): Call<void> =>
  c.learner.call('requestMany', port, count, { whoCloses })

/** The request that each connection begins with. */
export async function takeRequest(c: Check, connection: Connection, whoCloses: Closer): Promise<void> {
  const request = await connection.request()
  await c.blame('R16', () => {
    c.expectEqual(request.startLine, 'GET / HTTP/1.1', 'the request line')
    c.expect(request.header('host') !== null, 'a Host field', 'none')
    c.expectEqual(
      optionsOf(request).includes('close'),
      whoCloses === 'server',
      `whether the request says \`Connection: close\`, where the ${whoCloses} closes`,
    )
    c.expect(
      connection.unread.length === 0,
      'nothing behind the request',
      `${connection.unread.length} bytes`,
    )
  })
}

export function responseOf(body: Uint8Array | string, option?: Turn['says']): Buffer {
  const bytes = Buffer.from(body)
  const connection = option ? `Connection: ${option}\r\n` : ''
  const head = `HTTP/1.1 200 OK\r\n${connection}Content-Length: ${bytes.length}\r\n\r\n`
  return Buffer.concat([Buffer.from(head), bytes])
}

// --- internal ---

interface Talk {
  readonly listener: Listener
  readonly call: Call<void>
  readonly whoCloses: Closer
}

function conversations(
  whoCloses: Closer,
  scripts: Readonly<Record<string, readonly Turn[]>>,
): Conversations<Turn> {
  return { scripts, drawn: 2, draw, play: (c, turns) => play(c, whoCloses, turns) }
}

function draw(random: Random): Turn[] {
  return Array.from({ length: random.integer(1, 4) }, () =>
    turn(
      random.pick([
        'in turn',
        'in turn',
        'in turn',
        'with the response',
        'RST before its last byte',
        'FIN before its last byte',
      ]),
      { body: random.integer(0, 900), pieces: random.integer(1, 4) },
    ),
  )
}

async function play(c: Check, whoCloses: Closer, turns: readonly Turn[]): Promise<void> {
  c.learner.holdClock()
  const listener = await c.listen()
  const call = requestMany(c, listener.port, turns.length, whoCloses)
  const talk = { listener, call, whoCloses }
  for (const [index, each] of turns.entries()) {
    const connection = await c.blame('R17', () =>
      listener.connection({ as: `connection ${index + 1} of ${turns.length}` }),
    )
    const isOver = await serve(c, talk, connection, each)
    if (isOver) return await failed(c, talk, index)
    if (index + 1 < turns.length)
      await c.blame('R17', () => call.staysPending(`${index + 1} of ${turns.length} requests are done`))
  }
  await c.blame('R17', async () => {
    await call
    await listener.noFurtherConnection()
    await c.learner.leavesNothing()
  })
}

/** @returns Whether the call has to reject now. */
async function serve(c: Check, talk: Talk, connection: Connection, each: Turn): Promise<boolean> {
  await takeRequest(c, connection, talk.whoCloses)
  if (each.ends === 'no HTTP') {
    await connection.send(`${c.random.word()}\r\n\r\n`)
    return true
  }
  const response = responseOf(c.random.bytes(each.body), each.says)
  const isCut = each.ends.endsWith('its last byte')
  if (each.ends !== 'FIN at once')
    await respond(c, talk, connection, isCut ? response.subarray(0, -1) : response, each)
  if (isCut || each.ends === 'FIN at once') {
    await stillWaits(c, talk, connection)
    await (each.ends.startsWith('RST') ? connection.reset() : connection.fin())
    return true
  }
  if (each.ends === 'with the response') await connection.fin()
  else await firstFin(c, talk, connection, each.says)
  if (each.ends === 'RST in turn') {
    await connection.reset()
    return true
  }
  if (each.ends === 'in turn') await connection.fin()
  await c.blame('R16', () => connection.sees('FIN'))
  return false
}

async function respond(
  c: Check,
  talk: Talk,
  connection: Connection,
  bytes: Buffer,
  { pieces, waits }: Turn,
): Promise<void> {
  const parts = pieces > 1 ? c.random.split(bytes, pieces) : [bytes]
  for (const [index, part] of parts.entries()) {
    if (index > 0) await stillWaits(c, talk, connection)
    if (waits && index === parts.length - 1) {
      await c.learner.tick(3_600_000)
      await stillWaits(c, talk, connection)
    }
    await connection.send(part)
  }
}

/** The response is not whole: nothing ends, and nothing begins. */
async function stillWaits(
  c: Check,
  { listener, call, whoCloses }: Talk,
  connection: Connection,
): Promise<void> {
  await c.learner.idle()
  const saw = connection.ended
  await c.blame('R16', () =>
    c.expect(saw === 'open', `no end from you before the response is whole (the ${whoCloses} closes)`, saw),
  )
  await c.blame('R17', async () => {
    await call.staysPending('the response is not whole')
    await listener.noFurtherConnection()
  })
}

/** The response is whole: who sends the first FIN? The other one's direction stays open meanwhile. */
async function firstFin(
  c: Check,
  { listener, call, whoCloses }: Talk,
  connection: Connection,
  says: Turn['says'],
): Promise<void> {
  await c.learner.idle()
  const response = says ? `the whole response, which says \`Connection: ${says}\`` : 'the whole response'
  await c.blame('R16', () =>
    c.expectEqual(
      connection.ended,
      whoCloses === 'client' ? 'FIN' : 'open',
      `your direction behind ${response}, where the ${whoCloses} closes first`,
    ),
  )
  await c.blame('R17', async () => {
    await c.learner.tick(3_600_000)
    await call.staysPending('the server has sent no FIN')
    await listener.noFurtherConnection()
  })
}

async function failed(c: Check, { listener, call }: Talk, index: number): Promise<void> {
  await c.blame('R17', async () => {
    await c.learner.idle()
    c.expect(listener.accepted === index + 1, 'no further connection behind the failure', 'one more')
    await call.rejects()
    await c.learner.leavesNothing()
  })
}

function optionsOf(request: HttpMessage): string[] {
  return (request.header('connection') ?? '')
    .toLowerCase()
    .split(',')
    .map((each) => each.trim())
}
