import { once } from 'node:events'
import http2 from 'node:http2'
import type { AddressInfo } from 'node:net'
import { CLIENT_AND_SERVER } from './pages.ts'
import type { Drawn, Recipe } from './recipe.ts'
import { Stage } from './stage.ts'
import type { Teller } from './teller.ts'

/** Three requests on one connection of HTTP/2, whose answers do not wait for each other. */
export const multiplexing: readonly Recipe[] = [{ name: 'multiplexing', how: 'recorded', record }]

// --- internal ---

async function record(): Promise<Drawn> {
  const { events } = await Stage.play(scene)
  return {
    title: 'Multiplexing: three streams on one connection, and no answer waits for another',
    description:
      'One connection of HTTP/2. The client opens three streams, 1, 3 and 5, without waiting. The slow answer, to stream 1, comes last, and holds nobody up; ' +
      'the answers to 3 and 5 come in pieces, by turns. Every frame names its stream, which a pipeline of HTTP/1.1 cannot do (RFC 9113 §4.1, §5). ' +
      'Frames that manage the connection are left out.',
    lanes: CLIENT_AND_SERVER,
    unit: 'order',
    events,
  }
}

const PIECE = 800

async function scene(stage: Stage): Promise<void> {
  const server = http2.createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  stage.add(server)
  const { port } = server.address() as AddressInfo
  const tap = await stage.tap({ client: 'client', server: 'server', port, tell: frames })
  const session = http2.connect(`http://127.0.0.1:${tap.port}`)
  stage.add({ close: () => session.destroy() })
  const open = async (path: string): Promise<Pair> => {
    const asked = session.request({ ':path': path })
    const [answered] = (await once(server, 'stream')) as [http2.ServerHttp2Stream]
    return new Pair(asked, answered)
  }
  const slow = await open('/slow')
  const [second, third] = [await open('/b'), await open('/c')]
  for (const stream of [second, third]) await stream.begin()
  for (const stream of [second, third, second, third]) await stream.piece()
  await slow.begin()
  await slow.piece()
}

/** Both ends of a stream. Each step is over when the client has seen it. */
class Pair {
  readonly #asked: http2.ClientHttp2Stream
  readonly #answered: http2.ServerHttp2Stream

  constructor(asked: http2.ClientHttp2Stream, answered: http2.ServerHttp2Stream) {
    this.#asked = asked
    this.#answered = answered
  }

  async begin(): Promise<void> {
    const seen = once(this.#asked, 'response')
    this.#answered.respond()
    await seen
  }

  async piece(): Promise<void> {
    const seen = once(this.#asked, 'data')
    this.#answered.write(Buffer.alloc(PIECE, 'x'))
    await seen
  }
}

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
const FRAME_HEAD = 9
const [DATA, HEADERS] = [0, 1]

/** Tells the frames that carry requests and answers (RFC 9113 §4.1). */
function frames(): Teller {
  let unread = Buffer.alloc(0)
  return (bytes, kind) => {
    unread = Buffer.concat([unread, bytes])
    if (unread.toString('latin1', 0, PREFACE.length) === PREFACE) unread = unread.subarray(PREFACE.length)
    const told: string[] = []
    while (unread.length >= FRAME_HEAD && unread.length >= FRAME_HEAD + unread.readUIntBE(0, 3)) {
      const [length, type, stream] = [unread.readUIntBE(0, 3), unread[3], unread.readUInt32BE(5)]
      unread = unread.subarray(FRAME_HEAD + length)
      if (type === HEADERS) told.push(`stream ${stream}: ${kind === 'request' ? 'request' : 'answer begins'}`)
      else if (type === DATA && length > 0) told.push(`stream ${stream}: data, ${length} B`)
    }
    return told
  }
}
