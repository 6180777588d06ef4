import type { Headers } from '../../../labs/kit/http.ts'
import { ERROR, FRAME, nameOfError, PREFACE, SETTING } from '../../../labs/kit/http2.ts'
import type { Check } from '../../../workbook/grading/check.ts'
import { endOf } from './peer.ts'
import { Client, served } from './scenes.ts'
import { data, headers, rst, settings, SETTINGS_ACK, windowUpdate } from './wire.ts'

/** Scenes in which something changes while a connection is in use. */

/** R4: a table that was in use is taken away. */
export async function smallerTableLater(c: Check): Promise<void> {
  const { port } = await served(c)
  const client = await Client.open(c, port)
  await client.isWell('R4', 'SETTINGS that say nothing of a table')
  await client.send(settings([SETTING.HEADER_TABLE_SIZE, 0]))
  const before = client.peer.heard.length
  await client.send(client.get('/later'))
  const first = client.peer.heard.slice(before).find(({ type }) => type === FRAME.HEADERS)
  c.expect(
    first?.payload[0] === 0x20,
    'a change of the table to 0 bytes in the first section after a later SETTINGS (RFC 7541 §4.2)',
    first ? `0x${(first.payload[0] ?? 0).toString(16)}` : 'no HEADERS',
  )
  await client.isWell('R4', 'a table of 0 bytes')
}

/** R4: the field is made as long as it takes for the block to be one frame, and then two, to the byte. */
export async function blocksOfWholeFrames(c: Check): Promise<void> {
  const handler = ({ target }: { target: string }): unknown => {
    const fields: Headers = [['x-long', '~'.repeat(Number(target.slice(1)))]]
    return { version: '1.1', status: 200, reason: '', headers: fields, body: Buffer.from('whole') }
  }
  const { port } = await c.learner.serve('serveH2', handler, { maxStreams: 100, windowBytes: 65_535 })
  for (const block of [16_384, 2 * 16_384]) {
    const guess = block - 200
    const length = guess + block - (await blockOf(c, port, guess))
    c.step(`an answer whose block has ${block} bytes`)
    await blockOf(c, port, length)
  }
}

/** Bytes of the block of an answer with a field as long as that. */
async function blockOf(c: Check, port: number, length: number): Promise<number> {
  const client = await Client.open(c, port)
  await client.send(client.get(`/${length}`))
  const { heard } = client.peer
  const blocks = heard.filter(({ type }) => type === FRAME.HEADERS || type === FRAME.CONTINUATION)
  const bytes = blocks.reduce((sum, { payload }) => sum + payload.length, 0)
  const shown = client.peer.on(1)
  c.expect(
    shown.sections.length === 1,
    `END_HEADERS in the last frame of a block of ${bytes} bytes`,
    `${blocks.length} frames, and none with END_HEADERS`,
  )
  c.expect(shown.body.toString() === 'whole' && shown.ended, 'the body after it', endOf(shown))
  return bytes
}

/** R8: a stream that was open before the ACK. */
export async function beyondASmallerWindow(c: Check): Promise<void> {
  const { port, handled } = await served(c, { maxStreams: 100, windowBytes: 100 })
  const client = new Client(c, await c.connect(port))
  await client.send(PREFACE, settings(), client.get('/over', [], false))
  c.step('stream 1 is open, and the client acknowledges SETTINGS_INITIAL_WINDOW_SIZE of 100')
  await client.send(SETTINGS_ACK)
  await client.send(data(1, Buffer.alloc(101), true))
  const shown = client.peer.on(1)
  const what = 'DATA of 101 bytes in a window of 100, on a stream that was open before the ACK'
  if (client.peer.goaway) await client.isFailed('R8', what, [3])
  else c.expect(shown.reset === 3, `RST_STREAM with FLOW_CONTROL_ERROR for ${what}`, endOf(shown))
  c.expect(!handled.includes('/over'), 'no handler for it', 'it was called')
}

/** R14: a client has sent a request, and all that its windows let out, before it could read GOAWAY. */
export async function bodiesAfterGoaway(c: Check): Promise<void> {
  const handler = ({ target }: { target: string }): unknown => ({
    version: '1.1',
    status: 200,
    reason: '',
    headers: [],
    body: Buffer.from(target),
  })
  const server = await c.learner.serve('serveH2', handler, { maxStreams: 100, windowBytes: 65_535 })
  const client = await Client.open(c, server.port)
  await client.send(client.get('/taken', [], false))
  const closed = server.close()
  await c.learner.idle()
  c.step('close() is called, while the body of stream 1 is not whole')
  const pieces = [16_384, 16_384, 16_384, 16_383].map((size) => data(3, Buffer.alloc(size, 'b'), false))
  await client.send(client.get('/untouched', [], false), ...pieces)
  const { goaway, granted } = client.peer
  c.expect(
    goaway?.code === 0 && client.wire.ended === 'open',
    'the connection open: stream 3 came after your GOAWAY, and stream 1 is not finished',
    goaway && goaway.code !== 0 ? `GOAWAY with ${nameOfError(goaway.code)}` : client.wire.ended,
  )
  c.expect(
    granted > 0,
    'WINDOW_UPDATE for the connection: DATA of stream 3, which came after your GOAWAY, has used up its window',
    'none: stream 1 can never be finished',
  )
  const rest: Readonly<Record<string, () => Buffer>> = {
    'another request, whose body follows,': () => client.get('/untouched-too', [], false),
    'WINDOW_UPDATE on stream 3': () => windowUpdate(3, 9),
    'trailers on stream 3': () =>
      headers(3, client.peer.encoder.encode([['x-trailer', c.random.word()]]), { isEnd: true }),
    'RST_STREAM on stream 5': () => rst(5, ERROR.CANCEL),
  }
  for (const [what, bytes] of Object.entries(rest)) {
    await client.send(bytes())
    const { goaway: said } = client.peer
    c.expect(
      said?.code === 0 && client.wire.ended === 'open',
      `the connection open behind ${what}: it was under way, and came after your GOAWAY`,
      said && said.code !== 0 ? `GOAWAY with ${nameOfError(said.code)}` : client.wire.ended,
    )
  }
  await client.send(data(1, Buffer.from('rest'), true))
  const shown = client.peer.on(1)
  c.expect(shown.body.toString() === '/taken' && shown.ended, 'the answer on stream 1', endOf(shown))
  c.expect(client.wire.ended === 'FIN', 'FIN after the answer on stream 1', client.wire.ended)
  await client.wire.fin()
  await closed
}
