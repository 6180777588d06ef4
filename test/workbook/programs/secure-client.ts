import net from 'node:net'
import tls from 'node:tls'

/** Says what it is told over TLS, and tells what it was told. */

interface Options {
  readonly host: string
  readonly servername?: string
  readonly ca: string
  readonly inside?: boolean
  readonly says?: string
}

export function ask({ inside = false, says = 'hello', host, ...rest }: Options): Promise<string> {
  const place = inside ? { socket: net.connect(443, host), host } : { host, port: 443 }
  const socket = tls.connect({ ...place, ...rest })
  let heard = ''
  return new Promise((resolve, reject) => {
    socket.on('error', reject)
    socket.on('data', (bytes) => void (heard += String(bytes)))
    socket.on('secureConnect', () => socket.write(says))
    socket.on('end', () => socket.end())
    socket.on('close', () => resolve(heard))
  })
}

export const serve = (): unknown => tls.createServer()
export const wrap = (): unknown => new tls.TLSSocket(new net.Socket())
