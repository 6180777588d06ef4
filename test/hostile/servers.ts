// Attacks whoever waits for a server: all the ways not to be one.
import net from 'node:net'

const start = async (server: net.Server): Promise<{ port: number }> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { port: (server.address() as net.AddressInfo).port }
}

export async function neverListens(): Promise<{ port: number }> {
  const server = net.createServer()
  await new Promise((resolve) => server.once('listening', resolve))
  return { port: 0 }
}

export async function onAnotherPort(): Promise<{ port: number }> {
  const { port } = await start(net.createServer())
  return { port: port === 65_535 ? port - 1 : port + 1 }
}

export async function withoutPort(): Promise<void> {
  await start(net.createServer())
}

export async function listensAndHangs(): Promise<void> {
  await start(net.createServer())
  await new Promise(() => undefined)
}

export function neverAnswers(): Promise<{ port: number }> {
  return start(net.createServer((socket) => socket.resume()))
}

export function neverAccepts(): Promise<{ port: number }> {
  return start(net.createServer({ pauseOnConnect: true }))
}

export function answersHalf(): Promise<{ port: number }> {
  return start(
    net.createServer((socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf')),
  )
}

export async function closesAtOnce(): Promise<{ port: number }> {
  const server = net.createServer()
  const started = await start(server)
  server.close()
  return started
}

/** Two that should be gone, and a client and a timer that nobody clears. */
export async function leaksEverything(port: number): Promise<void> {
  await start(net.createServer())
  await new Promise<void>((resolve) => net.connect(port, '127.0.0.1', resolve))
  setTimeout(() => undefined, 60_000)
  setInterval(() => undefined, 60_000)
  setTimeout(() => undefined, 60_000).unref()
  AbortSignal.timeout(60_000)
}

/** FIN sent, the peer's FIN not waited for: half a socket is left. */
export async function leaksHalf(port: number): Promise<void> {
  const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  await new Promise<void>((resolve) => socket.end(resolve))
}

export async function leaksNothing(port: number): Promise<void> {
  const socket = net.connect({ port, host: '127.0.0.1' })
  const timer = setTimeout(() => socket.destroy(), 60_000)
  socket.setTimeout(30_000)
  await new Promise<void>((resolve) => socket.once('connect', resolve))
  await new Promise<void>((resolve) => socket.end(resolve))
  clearTimeout(timer)
  socket.resume()
}
