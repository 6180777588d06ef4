import net from 'node:net'

/** A learner's program for tests of segments and handles: it writes down what reaches it. */

const reads: string[] = []
let paused: net.Socket | undefined

export const readsSoFar = (): string[] => reads.splice(0)

export async function serve(): Promise<{ port: number }> {
  return await start((socket) => socket.on('data', (bytes) => reads.push(String(bytes))))
}

/** Reads nothing until resume() is called. */
export async function servePaused(): Promise<{ port: number }> {
  return await start((socket) => {
    paused = socket.pause()
    socket.on('data', (bytes) => reads.push(String(bytes.length)))
  })
}

export const resume = (): void => void paused?.resume()

/** Takes some bytes, and the rest when it is asked. */
export async function serveStopping(limit: number): Promise<{ port: number }> {
  return await start((socket) => {
    paused = socket
    let taken = 0
    socket.on('data', (bytes) => {
      taken += bytes.length
      reads.push(String(bytes.length))
      if (taken > limit) socket.pause()
    })
  })
}

const WRITES: Readonly<Record<string, (socket: net.Socket) => void>> = {
  one: (socket) => socket.write('head body'),
  two: (socket) => (socket.write('head '), socket.write('body')),
  corked: (socket) => {
    socket.cork()
    socket.write('head ')
    socket.write('body')
    process.nextTick(() => socket.uncork())
  },
  buffers: (socket) => (socket.write(Buffer.from('head ')), socket.write(Buffer.from('body'))),
  latin1: (socket) => (socket.write('head ', 'latin1'), socket.write('body', 'latin1')),
  utf16: (socket) => socket.write('hb', 'utf16le'),
  end: (socket) => socket.end('head body'),
  reset: (socket) => socket.resetAndDestroy(),
  keepAlive: (socket) => socket.setKeepAlive(true),
  noDelayOff: (socket) => socket.setNoDelay(true).setNoDelay(false),
}

export async function connect(
  port: number,
  options: { noDelay?: boolean; keepAlive?: boolean },
  way: string,
): Promise<void> {
  const socket = net.connect({ port, host: '127.0.0.1', ...options })
  socket.on('error', () => undefined)
  await new Promise<void>((resolve) => socket.once('connect', resolve))
  WRITES[way]?.(socket)
}

export async function serveWriting(options: { noDelay?: boolean }, way: string): Promise<{ port: number }> {
  return await start((socket) => WRITES[way]?.(socket), options)
}

async function start(
  onSocket: (socket: net.Socket) => void,
  options: net.ServerOpts = {},
): Promise<{ port: number }> {
  const server = net.createServer(options, onSocket)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { port: (server.address() as net.AddressInfo).port }
}
