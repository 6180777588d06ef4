// Pools of connections in the same idle race: Node's agent, fetch (which is undici), and the one of lab 14, if you wrote it.
import http from 'node:http'
import net from 'node:net'
import { Pool } from '../../labs/14-connection-pool/pool.ts'
import { listen } from './parts/listen.ts'
import { printTable } from './parts/print-table.ts'
import { quiet } from './parts/quiet.ts'

/** Resolves when the answer is whole. */
type Ask = (method: string) => Promise<unknown>

const sockets = new Set<net.Socket>()
/** Sockets on which a request has come since somebody looked. */
const used = new Set<net.Socket>()
let read = 0
let isRacing = false

const server = net.createServer((socket) => {
  sockets.add(socket)
  socket.once('close', () => sockets.delete(socket))
  socket.on('error', () => {})
  socket.on('data', () => {
    read++
    used.add(socket)
    // Read, and then nothing but FIN: the next request is answered again.
    if (isRacing) socket.end()
    else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
    isRacing = false
  })
})
const port = await listen(server)
const host = '127.0.0.1'

// #region clients
const clients: Record<string, () => Ask> = {
  'http.Agent': () => viaAgent(new http.Agent({ keepAlive: true, maxSockets: 6 })),
  'http.Agent, fifo': () =>
    viaAgent(new http.Agent({ keepAlive: true, maxSockets: 6, scheduling: 'fifo' })),
  fetch: () => async (method) =>
    (await fetch(`http://${host}:${port}/`, { method })).text(),
  'your own': () => {
    const pool = new Pool({
      maxPerOrigin: 6,
      maxWaiting: 99,
      idleMs: 9_000,
      marginMs: 1_000,
    })
    return (method) => pool.request({ host, port }, { method })
  },
}
// #endregion clients

const rows: string[][] = []
for (const [name, make] of Object.entries(clients)) {
  const ask = make()
  const first = await outcome(ask('GET'))
  if (first.startsWith('WORKBOOK_TODO')) {
    rows.push([name, 'not written yet', '', '', '', ''])
    continue
  }
  rows.push([
    name,
    ...(await race(ask, 'GET')),
    ...(await race(ask, 'POST')),
    ...(await share(ask)),
  ])
  for (const socket of sockets) socket.destroy()
  await quiet()
}
printTable(
  ['client', 'GET raced', 'sent', 'POST raced', 'sent', 'one by one', '20 users'],
  rows,
)
// The pools have idle times of their own; nobody waits for them.
server.close()
process.exitCode = 0
setImmediate(() => process.exit())

/** One request that is answered; the next is read on the same connection, and FIN is all that comes. */
async function race(ask: Ask, method: string): Promise<string[]> {
  await ask('GET')
  await quiet()
  const before = read
  isRacing = true
  const told = await outcome(ask(method))
  isRacing = false
  await quiet()
  return [
    told,
    read - before === 1 ? 'once' : read - before === 2 ? 'twice' : `${read - before} times`,
  ]
}

/** How many connections three requests use, one after the other; and how many 20 users with three images each. */
async function share(ask: Ask): Promise<string[]> {
  await Promise.all(['GET', 'GET', 'GET'].map(ask))
  await quiet()
  used.clear()
  for (let times = 0; times < 3; times++) {
    await ask('GET')
    await quiet()
  }
  const turns = used.size
  for (const images of [1, 3]) {
    await Promise.all(Array.from({ length: 20 * images }, () => ask('GET')))
    await quiet()
  }
  return [`use ${turns} of 3`, `${sockets.size} sockets`]
}

async function outcome(asked: Promise<unknown>): Promise<string> {
  try {
    await asked
    return 'answered'
  } catch (error) {
    const { code, cause } = error as { code?: string; cause?: { code?: string } }
    return cause?.code ?? code ?? String(error)
  }
}

function viaAgent(agent: http.Agent): Ask {
  return (method) =>
    new Promise((resolve, reject) => {
      const request = http.request({ port, host, method, agent }, (response) => {
        response.resume().once('end', resolve)
      })
      request.once('error', reject).end()
    })
}
