// Has sent its FIN and says that it has read one; the peer has sent none, and the socket goes on reading.
import net from 'node:net'

export async function run(port: number): Promise<void> {
  const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  await new Promise<void>((resolve) => socket.once('connect', resolve))
  await new Promise<void>((resolve) => void socket.resume().end(resolve))
  const { _readableState: state } = socket as unknown as { _readableState: { ended: boolean } }
  state.ended = true
}
