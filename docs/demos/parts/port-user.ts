/**
 * A program of its own, for the demo `port-exhaustion`, in a network of its own: opens connections one after the
 * other until the system refuses, and prints what happened as JSON.
 *
 * Arguments: the range of ports for outgoing connections, and how many connections to open at most.
 */
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import net from 'node:net'
import { connect, listen } from './loopback.ts'

const [range = '', most = '0'] = process.argv.slice(2)

interface Result {
  readonly opened: number
  /** The code of the refusal, if there was one. */
  readonly refusal: string | null
  /** Milliseconds until a connection was possible again. */
  readonly again: number | null
}

type Closer = 'the client' | 'the server'

function serverFor(closer: Closer): net.Server {
  return net.createServer((socket) => {
    socket.resume()
    if (closer === 'the server') socket.end()
  })
}

async function openAndClose(port: number, closer: Closer): Promise<void> {
  const client = await connect(port)
  client.resume()
  if (closer === 'the client') client.end()
  await once(client, 'close')
}

async function run(port: number, closer: Closer): Promise<Result> {
  let opened = 0
  try {
    for (; opened < Number(most); opened++) await openAndClose(port, closer)
    return { opened, refusal: null, again: null }
  } catch (error) {
    const refusal = (error as NodeJS.ErrnoException).code ?? String(error)
    return { opened, refusal, again: await untilOneOpens(port, closer) }
  }
}

async function untilOneOpens(port: number, closer: Closer): Promise<number> {
  const begin = performance.now()
  for (;;) {
    try {
      await openAndClose(port, closer)
      return performance.now() - begin
    } catch {
      // Still no port: TIME-WAIT holds them all.
    }
  }
}

// They listen before the range is cut down, and so on ports outside of it.
const [first, second] = [serverFor('the server'), serverFor('the client')]
const [firstPort, secondPort] = [await listen(first), await listen(second)]
writeFileSync('/proc/sys/net/ipv4/ip_local_port_range', range)
const server = await run(firstPort, 'the server')
const client = await run(secondPort, 'the client')
process.stdout.write(`${JSON.stringify({ server, client })}\n`)
first.close()
second.close()
