import dgram from 'node:dgram'
import dns from 'node:dns'
import net from 'node:net'

/** A learner's program for tests of where a program may connect. */

/** Says where it got: what Node reports as the other end, or the code of the error. */
export async function dial(host: string, port: number): Promise<string> {
  const socket = net.connect({ host, port })
  return await new Promise((resolve) => {
    socket.once('connect', () => {
      socket.write(`to ${host}`)
      resolve('connected')
    })
    socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(String(code)))
  })
}

export async function dialWithLookup(host: string, port: number, address: string): Promise<string> {
  const lookup: net.LookupFunction = (_, { all }, answer) => {
    if (all) answer(null, [{ address, family: net.isIP(address) }])
    else answer(null, address, net.isIP(address))
  }
  const socket = net.connect({ host, port, lookup })
  return await new Promise((resolve) => {
    socket.once('connect', () => resolve('connected'))
    socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(String(code)))
  })
}

export async function ask(port: number, host: string): Promise<string> {
  const socket = dgram.createSocket('udp4')
  socket.send('question', port, host)
  const answer = await new Promise<Buffer>((resolve) => socket.once('message', resolve))
  socket.close()
  return String(answer)
}

export async function askConnected(port: number, host: string): Promise<string> {
  const socket = dgram.createSocket('udp4')
  await new Promise<void>((resolve) => socket.connect(port, host, resolve))
  socket.send('question')
  const answer = await new Promise<Buffer>((resolve) => socket.once('message', resolve))
  socket.close()
  return String(answer)
}

export async function resolveAll(host: string): Promise<unknown[]> {
  const settled = await Promise.allSettled([
    dns.promises.lookup(host),
    dns.promises.lookup(host, { all: true }),
    dns.promises.resolve4(host),
    new Promise((resolve, reject) =>
      dns.lookup(host, (error, ...answer) => (error ? reject(error) : resolve(answer))),
    ),
    new Promise((resolve, reject) =>
      dns.resolve4(host, (error, answer) => (error ? reject(error) : resolve(answer))),
    ),
  ])
  return settled.map((result) =>
    result.status === 'fulfilled' ? result.value : (result.reason as { code: string }).code,
  )
}

/** As `dial`, from a port of its own, and it stays connected. */
export async function dialFrom(localPort: number, port: number): Promise<string> {
  const socket = net.connect({ host: '127.0.0.1', port, localPort })
  return await new Promise((resolve) => {
    socket.once('connect', () => resolve(`from ${socket.localPort}`))
    socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(String(code)))
  })
}
