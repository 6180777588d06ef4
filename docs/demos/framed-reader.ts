// A reader that finds the messages among the bytes, however they are cut, and does not wait for ever.
import { once } from 'node:events'
import net from 'node:net'
import { accepted, connect, listen } from './parts/loopback.ts'
import { print, printTable } from './parts/table.ts'

// #region reader
/** Before each message stands its length in bytes, as a number of four bytes. */
const LENGTH = 4

/** Takes pieces of a stream as they come, and gives back the messages that are whole. */
class FrameReader {
  #rest = Buffer.alloc(0)
  readonly #longest: number

  constructor(longest: number) {
    this.#longest = longest
  }

  push(piece: Buffer): string[] {
    const whole: string[] = []
    this.#rest = Buffer.concat([this.#rest, piece])
    while (this.#rest.length >= LENGTH) {
      const end = LENGTH + this.#rest.readUInt32BE()
      if (end - LENGTH > this.#longest) throw new Error(`too long: ${end - LENGTH} bytes`)
      if (this.#rest.length < end) break
      whole.push(this.#rest.toString('utf8', LENGTH, end))
      this.#rest = this.#rest.subarray(end)
    }
    return whole
  }

  /** Whether nothing is left over: the stream may end here, and nowhere else. */
  get empty(): boolean {
    return this.#rest.length === 0
  }
}
// #endregion reader

// #region messages
/** The messages of a connection. Fails when one stays away, is too long or is cut. */
async function* messages(socket: net.Socket, silenceMs: number): AsyncGenerator<string> {
  const reader = new FrameReader(1000)
  socket.setTimeout(silenceMs, () =>
    socket.destroy(new Error(`no byte came for ${silenceMs} ms`)),
  )
  for await (const piece of socket) yield* reader.push(piece)
  if (!reader.empty) throw new Error('ended inside a message')
}
// #endregion messages

const SILENCE = 3000
const server = net.createServer()
const port = await listen(server)

/** Writes pieces, each once the one before has been read, and tells what the reader makes of them. */
async function row(
  name: string,
  pieces: readonly Buffer[],
  end: boolean,
): Promise<string[]> {
  const arrival = accepted(server)
  const writer = await connect(port, { noDelay: true })
  const socket = await arrival
  void writeInTurns(writer, socket, pieces, end)
  const got: string[] = []
  let ending = 'FIN, in its place'
  try {
    for await (const message of messages(socket, SILENCE)) got.push(message)
  } catch (error) {
    ending = (error as Error).message
  }
  writer.destroy()
  return [name, got.join(' | '), ending]
}

async function writeInTurns(
  writer: net.Socket,
  reader: net.Socket,
  pieces: readonly Buffer[],
  end: boolean,
): Promise<void> {
  for (const piece of pieces) {
    const read = once(reader, 'readable')
    writer.write(piece)
    await read
  }
  if (end) writer.end()
}

/** A message as it goes into the stream. */
function frameOf(text: string): Buffer {
  const length = Buffer.alloc(LENGTH)
  length.writeUInt32BE(Buffer.byteLength(text))
  return Buffer.concat([length, Buffer.from(text)])
}

const BYTES = Buffer.concat([frameOf('{"cue":"grün"}'), frameOf('{"cue":"aus"}')])
const inTheUmlaut = BYTES.indexOf('ü') + 1
const oneByOne = [...BYTES].map((byte) => Buffer.from([byte]))

print(
  `Two messages, ${BYTES.length} bytes with their lengths. The limit of silence is ${SILENCE} ms.`,
)
print()
printTable(
  ['how they come', 'messages', 'the end'],
  [
    await row('both in one piece', [BYTES], true),
    await row('byte by byte', oneByOne, true),
    await row(
      'cut inside the ü',
      [BYTES.subarray(0, inTheUmlaut), BYTES.subarray(inTheUmlaut)],
      true,
    ),
    await row('without the last byte', [BYTES.subarray(0, -1)], true),
    await row('the rest never comes', [BYTES.subarray(0, 25)], false),
    await row('HTTP instead', [Buffer.from('GET / HTTP/1.1\r\n')], false),
  ],
)
server.close()
