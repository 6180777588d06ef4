// Attacks the check: a socket without an 'error' listener.
import net from 'node:net'

export function run(port: number): void {
  net.connect(port, '127.0.0.1')
}
