/**
 * A program of its own, for demos that need a second machine: an echo server in another network, which can
 * lose what reaches it. It takes orders on its standard input, and answers each by a line.
 */
import net from 'node:net'
import readline from 'node:readline'
import { FAR } from './far-machine.ts'
import { listen } from './loopback.ts'
import { ip } from './own-network.ts'

const server = net.createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => undefined)
  socket.pipe(socket)
})

/** What it does; an answer of its own, or none. */
const orders: Readonly<Record<string, () => Promise<number> | void>> = {
  join: async () => {
    ip('addr', 'add', `${FAR}/24`, 'dev', 'far')
    ip('link', 'set', 'far', 'up')
    // The rule for our own addresses is the very first one; make room in front of it.
    ip('rule', 'add', 'priority', '100', 'lookup', 'local')
    ip('rule', 'del', 'priority', '0')
    return listen(server, { host: FAR })
  },
  vanish: () => ip('rule', 'add', 'priority', '1', 'iif', 'far', 'blackhole'),
  'come back': () => ip('rule', 'del', 'priority', '1'),
}

const say = (line: string): void => void process.stdout.write(`${line}\n`)
say('here')
for await (const order of readline.createInterface({ input: process.stdin })) {
  const answer = await orders[order]?.()
  say(answer === undefined ? 'done' : String(answer))
}
