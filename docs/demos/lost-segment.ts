// What a lost segment costs: next to nothing where others follow it, and a timer where it was the last.
import { once } from 'node:events'
import type net from 'node:net'
import { CABLE, FAR, FarMachine } from './parts/far-machine.ts'
import { connect } from './parts/loopback.ts'
import { inOwnNetwork } from './parts/own-network.ts'
import { printTable } from './parts/table.ts'
import { useAlgorithm, windowOf } from './parts/window.ts'

const SIZE = 100

/** Writes segments, of which the first one may get lost, and waits until all of it has come back. */
async function row(
  name: string,
  far: FarMachine,
  segments: number,
  loses: boolean,
): Promise<string[]> {
  const socket = await connect(far.port, { host: FAR, noDelay: true })
  await warmUp(socket)
  const before = windowOf(socket)
  if (loses) await far.vanish()
  const written = performance.now()
  socket.write(Buffer.alloc(SIZE))
  if (loses) await far.comeBack()
  const passable = performance.now()
  for (let more = 1; more < segments; more++) socket.write(Buffer.alloc(SIZE))
  await backAgain(socket, SIZE * segments)
  // Who is alone has waited from the beginning; the others bring the news once the path is there again.
  const waited = performance.now() - (segments === 1 ? written : passable)
  const window = segments === 1 ? '' : `${before} to ${windowOf(socket)}`
  socket.destroy()
  return [name, waited.toFixed(1), window]
}

/** The path is known, and its round trip measured. */
async function warmUp(socket: net.Socket): Promise<void> {
  for (let exchange = 0; exchange < 20; exchange++) {
    socket.write('.')
    await once(socket, 'data')
  }
}

async function backAgain(socket: net.Socket, missing: number): Promise<void> {
  while (missing > 0) missing -= ((await once(socket, 'data')) as [Buffer])[0].length
}

await inOwnNetwork(async () => {
  // The algorithm of the standard, so that the windows are the same on every machine.
  useAlgorithm('reno')
  const far = await FarMachine.start()
  // Once unseen, so that the first row does not pay for code that has never run.
  await row('', far, 1, false)
  printTable(
    ['ten segments or one', 'all is back after, ms', 'congestion window'],
    [
      await row('ten, and none is lost', far, 10, false),
      await row('ten, the first is lost', far, 10, true),
      await row('one, and it is lost', far, 1, true),
    ],
  )
  far.stop()
}, CABLE)
