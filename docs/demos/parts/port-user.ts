/**
 * A program of its own, for the demo `port-exhaustion`, in a network of its own: opens connections one after the
 * other until the system refuses, and prints what happened as JSON.
 *
 * Arguments: the range of ports for outgoing connections, and how many connections to open at most.
 */
import { writeFileSync } from 'node:fs'
import net from 'node:net'
import { accepted, connect, listen } from './loopback.ts'

const [range = '', most = '0'] = process.argv.slice(2)

interface Result {
  readonly opened: number
  readonly refusal: string | null
  readonly again: number | null
}

type Closer = 'the client' | 'the server'

async function openAndClose(server: net.Server, port: number, closer: Closer): Promise<void> {
  const arrival = accepted(server)
  arrival.catch(() => {})
  const client = await connect(port)
  const ofServer = await arrival
  const bothClosed = Promise.all([client, ofServer].map(closed))
  const first = closer === 'the client' ? client : ofServer
  first.end()
  await bothClosed
}

function closed(socket: net.Socket): Promise<void> {
  return new Promise((resolve) => void socket.resume().once('close', () => resolve()))
}

/** How many were opened, and the code of the refusal, if there was one. */
async function run(
  closer: Closer,
): Promise<{ opened: number; refusal: string | null; again: number | null }> {
  const server = net.createServer()
  const port = await listen(server)
  let opened = 0
  try {
    for (; opened < Number(most); opened++) await openAndClose(server, port, closer)
    return { opened, refusal: null, again: null }
  } catch (error) {
    const again = await untilOneOpens(server, port, closer)
    return { opened, refusal: (error as NodeJS.ErrnoException).code ?? String(error), again }
  } finally {
    server.close()
  }
}

/** Tries until a port is free again. @returns Milliseconds from now. */
async function untilOneOpens(server: net.Server, port: number, closer: Closer): Promise<number> {
  const begin = performance.now()
  for (;;) {
    try {
      await openAndClose(server, port, closer)
      return performance.now() - begin
    } catch {
      // Still no port: TIME-WAIT holds them all.
    }
  }
}

const servers = [net.createServer(), net.createServer()] as const
// Two servers, so that what one run leaves in TIME-WAIT is no matter to the other. They listen before the range
// is cut down, and so on ports outside of it.
const ports = [await listen(servers[0]), await listen(servers[1])] as const
writeFileSync('/proc/sys/net/ipv4/ip_local_port_range', range)
const byServer = await run('the server', servers[0], ports[0])
const byClient = await run('the client', servers[1], ports[1])
process.stdout.write(`${JSON.stringify({ server: byServer, client: byClient })}\n`)
