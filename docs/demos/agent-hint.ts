// What an agent of Node's makes of the hint Keep-Alive: timeout=N: is the socket kept, and how long may it be idle?
import { once } from 'node:events'
import http, { type IncomingMessage } from 'node:http'
import net, { type Socket } from 'node:net'
import { listen } from './parts/listen.ts'
import { printTable } from './parts/table.ts'

const cases = [
  [{}, 5],
  [{}, 1],
  [{ timeout: 9_000 }, 5],
  [{ timeout: 4_000 }, 5],
  [{ timeout: 4_000 }, null],
] as const

const rows = []
for (const [options, hint] of cases) rows.push(await run(options, hint))
printTable(["the agent's timeout", 'the hint', 'two requests', 'idle at most'], rows)

async function run(
  options: { readonly timeout?: number },
  hint: number | null,
): Promise<string[]> {
  const field = hint === null ? '' : `Keep-Alive: timeout=${hint}\r\n`
  const server = net.createServer((socket) => {
    socket.on('data', () =>
      socket.write(`HTTP/1.1 200 OK\r\n${field}Content-Length: 2\r\n\r\nok`),
    )
  })
  let connections = 0
  server.on('connection', () => (connections += 1))
  const port = await listen(server)
  const agent = new http.Agent({ keepAlive: true, ...options })
  let socket: Socket | undefined
  for (const path of ['/1', '/2']) {
    const request = http.get({ port, host: '127.0.0.1', path, agent })
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    socket = response.socket
    await once(response.resume(), 'end')
    // The agent takes the socket back, or ends it, in the next turn.
    await new Promise((turn) => setImmediate(turn))
  }
  const idle = socket?.destroyed
    ? 'not kept'
    : socket?.timeout
      ? `${socket.timeout / 1000} s`
      : 'no limit'
  agent.destroy()
  server.close()
  const on = connections === 1 ? 'on one connection' : `on ${connections} connections`
  const own = options.timeout === undefined ? 'none' : `${options.timeout / 1000} s`
  return [own, hint === null ? 'none' : `${hint} s`, on, idle]
}
