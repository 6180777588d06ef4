// Leaves the lab: a datagram to wherever it is told.
import dgram from 'node:dgram'

export async function run(port: number, host: string): Promise<void> {
  const socket = dgram.createSocket(host.includes(':') ? 'udp6' : 'udp4')
  await new Promise<void>((resolve, reject) => {
    socket.send('x', port, host, (error) => (error ? reject(error) : resolve()))
  })
}
