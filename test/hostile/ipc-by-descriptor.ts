// Attacks the line to the grader: opens its descriptor a second time.
import net from 'node:net'

export function run(): void {
  new net.Socket({ fd: 3 }).on('data', () => undefined)
}
