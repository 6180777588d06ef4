// What idling does to the congestion window on Linux: it is halved for each retransmission timeout that has passed.
import net from 'node:net'
import { setTimeout as after } from 'node:timers/promises'
import { connect, listen } from './parts/loopback.ts'
import { inOwnNetwork, ip } from './parts/own-network.ts'
import { kernelEnd, until } from './parts/proc-net-tcp.ts'
import { print, printTable } from './parts/table.ts'
import { useAlgorithm, windowOf } from './parts/window.ts'

const MEGABYTES = 40

/** A connection whose window has opened: much was sent on it, and all of it was acknowledged. */
async function opened(port: number): Promise<net.Socket> {
  const socket = await connect(port, { noDelay: true })
  for (let sent = 0; sent < MEGABYTES; sent++) {
    await new Promise((resolve) => socket.write(Buffer.alloc(1_000_000), resolve))
  }
  await until(() => kernelEnd(socket.localPort ?? 0, port)?.unacknowledged === 0)
  return socket
}

/** How long it was idle, in milliseconds, and the window before and after. */
async function row(
  port: number,
  idle: number,
): Promise<[idle: number, before: number, after: number]> {
  const socket = await opened(port)
  const begin = performance.now()
  const before = windowOf(socket)
  await after(idle)
  const end = performance.now()
  // Linux looks back when there is something to send again.
  socket.write('.')
  const now = windowOf(socket)
  socket.destroy()
  return [Math.round(end - begin), before, now]
}

await inOwnNetwork(async () => {
  useAlgorithm('reno')
  // The loopback carries packets of 64 KiB; with those of an Ethernet the window has more segments.
  ip('link', 'set', 'lo', 'mtu', '1500')
  const server = net.createServer((socket) => socket.resume())
  const port = await listen(server)
  print('The congestion window in segments, before and after an idle time:')
  print()
  const rows = []
  for (const idle of [250, 650, 1500, 3000]) rows.push(await row(port, idle))
  printTable(['idle, ms', 'before', 'after'], rows)
  server.close()
}, 'ss -V')
