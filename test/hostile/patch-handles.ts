// Attacks the floor below node:net: replaces the methods of the TCP handle.
import net from 'node:net'

export async function run(port: number): Promise<void> {
  const socket = net.connect(port, '127.0.0.1')
  await new Promise<void>((resolve) => socket.once('connect', resolve))
  const { _handle: handle } = socket as unknown as { _handle: object }
  const prototype = Object.getPrototypeOf(handle) as Record<string, unknown>
  prototype['connect'] = () => 0
  prototype['close'] = () => undefined
}
