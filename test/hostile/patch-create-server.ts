// Attacks the proof that a server listens: it says so, and does not.
import net from 'node:net'

net.createServer = () =>
  ({ listen: () => undefined, address: () => ({ port: 4711 }) }) as unknown as net.Server
net.Server.prototype.listen = function listen() {
  return this
}

export function serve(): { port: number } {
  return { port: (net.createServer().address() as net.AddressInfo).port }
}
