// A benchmark that runs out of ports, in a network of its own with 32 of them, and the one change that saves it.
import { once } from 'node:events'
import net from 'node:net'
import { connect, listen } from './parts/loopback.ts'
import { inOwnNetwork } from './parts/own-network.ts'
import { cutRange, PORTS } from './parts/port-range.ts'
import { print, printTable } from './parts/table.ts'

const MOST = 100

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

/** How many connections were opened, one after the other, and what ended it. */
async function run(
  port: number,
  closer: Closer,
): Promise<readonly [opened: number, refusal: string]> {
  let opened = 0
  try {
    for (; opened < MOST; opened++) await openAndClose(port, closer)
    return [opened, 'no refusal']
  } catch (error) {
    return [opened, (error as NodeJS.ErrnoException).code ?? String(error)]
  }
}

/** Milliseconds until a connection is possible again. */
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

await inOwnNetwork(async () => {
  // They listen before the range is cut down, and so on ports outside of it.
  const [first, second] = [serverFor('the server'), serverFor('the client')]
  const [firstPort, secondPort] = [await listen(first), await listen(second)]
  cutRange()
  const server = await run(firstPort, 'the server')
  const client = await run(secondPort, 'the client')
  const again = await untilOneOpens(secondPort, 'the client')
  print(`${PORTS} ports, and ${MOST} connections to one server, one after the other:`)
  print()
  printTable(
    ['who closes first', 'opened', 'then'],
    [
      ['the client', `${client[0]} of ${MOST}`, client[1]],
      ['the server', `${server[0]} of ${MOST}`, server[1]],
    ],
  )
  print()
  print(`After ${(again / 1000).toFixed(1)} s more, a waiting port was used again.`)
  first.close()
  second.close()
})
