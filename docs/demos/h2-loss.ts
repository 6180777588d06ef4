// A lost segment: three images on one connection of HTTP/2, and on three connections of HTTP/1.1.
import net from 'node:net'
import { FLAG, FRAME, PREFACE } from '../../labs/kit/http2.ts'
import { onLink } from './parts/logical-link.ts'
import { printTable } from './parts/print-table.ts'

const BYTES = 2_000
const STREAMS = [1, 3, 5]
const LINK = { initialWindow: 10, bytes: BYTES }

// #region frames
function frame(type: number, flags: number, stream: number, payload: Uint8Array): Buffer {
  return Buffer.from([
    0,
    payload.length >> 8,
    payload.length & 255,
    type,
    flags,
    0,
    0,
    0,
    stream,
    ...payload,
  ])
}

const SETTINGS = frame(FRAME.SETTINGS, 0, 0, Buffer.alloc(0))
// Of HPACK one byte is enough here: entry 2 of its table is `:method: GET`, and entry 8 is `:status: 200`.
const ask = (stream: number) =>
  frame(FRAME.HEADERS, FLAG.END_HEADERS | FLAG.END_STREAM, stream, Buffer.of(0x82))
const image = (stream: number) =>
  Buffer.concat([
    frame(FRAME.HEADERS, FLAG.END_HEADERS, stream, Buffer.of(0x88)),
    frame(FRAME.DATA, FLAG.END_STREAM, stream, Buffer.alloc(BYTES, 'x')),
  ])
// #endregion frames

/** Round trips after which each image is whole. */
async function overHttp2(loses: number): Promise<number[]> {
  const answer = (): Buffer => Buffer.concat([SETTINGS, ...STREAMS.map(image)])
  return await onLink({ ...LINK, loses, answer }, (port, path) => {
    const socket = net.connect({ port, host: '127.0.0.1', noDelay: true })
    socket.write(Buffer.concat([PREFACE, SETTINGS, ...STREAMS.map(ask)]))
    const whole: number[] = []
    let rest = Buffer.alloc(0)
    return new Promise((resolve) => {
      socket.on('data', (bytes: Buffer) => {
        rest = Buffer.concat([rest, bytes])
        for (let end = endOf(rest); end <= rest.length; end = endOf(rest)) {
          if (rest[3] === FRAME.DATA) whole.push(path.roundTrips)
          rest = rest.subarray(end)
        }
        if (whole.length === STREAMS.length) resolve(whole)
      })
    })
  })
}

async function overThree(loses: number): Promise<number[]> {
  return await onLink({ ...LINK, loses }, (port, path) =>
    Promise.all(
      STREAMS.map((number) => {
        const socket = net.connect({ port, host: '127.0.0.1', noDelay: true })
        socket.write(`GET /${number}.png HTTP/1.1\r\nHost: harbour.example\r\n\r\n`)
        let came = 0
        return new Promise<number>((resolve) => {
          socket.on('data', ({ length }: Buffer) => {
            came += length
            if (came > BYTES) resolve(path.roundTrips)
          })
        })
      }),
    ),
  )
}

printTable(
  ['images whole after, in round trips', 'the first', 'the second', 'the third'],
  [
    ['HTTP/2, nothing lost', ...(await overHttp2(0))],
    ['HTTP/2, the first segment lost', ...(await overHttp2(1))],
    ['three connections, nothing lost', ...(await overThree(0))],
    ['three connections, the first segment lost', ...(await overThree(1))],
  ],
)

/** Where the first frame ends; behind everything while its length has not come. */
function endOf(bytes: Buffer): number {
  return bytes.length < 9 ? Infinity : 9 + bytes.readUIntBE(0, 3)
}
