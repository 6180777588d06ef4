// What gives a client more ports: another destination does, and another source address does once.
import net from 'node:net'
import { accepted, connect, listen } from './parts/loopback.ts'
import { inOwnNetwork } from './parts/own-network.ts'
import { cutRange, PORTS } from './parts/port-range.ts'
import { print, printTable } from './parts/table.ts'

const open: net.Socket[] = []

/** Opens connections and keeps them until the system refuses; how many, and what it said. */
async function openAll(
  server: net.Server,
  port: number,
  localAddress?: string,
): Promise<[number, string]> {
  for (let opened = 0; ; opened++) {
    const arrival = accepted(server)
    try {
      open.push(
        await connect(port, localAddress === undefined ? {} : { localAddress }),
        await arrival,
      )
    } catch (error) {
      return [opened, (error as NodeJS.ErrnoException).code ?? String(error)]
    }
  }
}

await inOwnNetwork(async () => {
  const [shop, library] = [net.createServer(), net.createServer()]
  const [shopPort, libraryPort] = [await listen(shop), await listen(library)]
  cutRange()
  print(`${PORTS} ports. Connections are opened and kept, row after row.`)
  print()
  printTable(
    ['source address', 'to', 'opened', 'then'],
    [
      ['the system chooses', 'the shop', ...(await openAll(shop, shopPort))],
      ['the system chooses', 'the library', ...(await openAll(library, libraryPort))],
      [
        '127.0.0.2, by localAddress',
        'the shop',
        ...(await openAll(shop, shopPort, '127.0.0.2')),
      ],
      [
        '127.0.0.2, by localAddress',
        'the library',
        ...(await openAll(library, libraryPort, '127.0.0.2')),
      ],
      [
        '127.0.0.3, by localAddress',
        'the library',
        ...(await openAll(library, libraryPort, '127.0.0.3')),
      ],
    ],
  )
  for (const socket of open) socket.destroy()
  shop.close()
  library.close()
})
