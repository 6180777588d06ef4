import type { Check, Connection, DatagramPeer, Listener } from '../../../workbook/grading/check.ts'
import type { Query } from './model.ts'

/** The grader's name servers: what has come to them, and the ways to answer. */

/** A query as it came. */
export interface Came extends Query {
  readonly id: number
  /** The name as it stands there. */
  readonly written: string
  /** The way back: a port, or a connection. */
  readonly port: number
  readonly connection: Connection | null
}

export interface Server {
  readonly peer: DatagramPeer
  readonly listener: Listener | null
  taken: number
}

/** @param overTcp - Whether they listen, too; on the same ports. */
export async function serversOf(c: Check, count: number, overTcp: boolean): Promise<Server[]> {
  const servers: Server[] = []
  while (servers.length < count) servers.push(await serverOf(c, `server ${servers.length + 1}`, overTcp))
  return servers
}

export const addressesOf = (servers: readonly Server[]) =>
  servers.map(({ peer: { port } }) => ({ host: '127.0.0.1', port }))

export function told({ server, over, name, type }: Query): string {
  return `${name} ${type} over ${over} to server ${server + 1}`
}

/** What has come since it was asked last. The program is idle. */
export async function arrivals(c: Check, servers: readonly Server[]): Promise<Came[]> {
  const came: Came[] = []
  for (const [server, { peer }] of servers.entries())
    while (peer.unread.length > 0) {
      const { bytes, port } = await peer.receive()
      came.push({ server, over: 'UDP', port, connection: null, ...(await read(c, bytes, 'R7')) })
    }
  for (const [server, each] of servers.entries())
    while (each.listener && each.listener.accepted > each.taken) {
      each.taken++
      const connection = await each.listener.connection()
      const bytes = await c.blame('R14', () => unframed(c, connection.received))
      came.push({ server, over: 'TCP', port: 0, connection, ...(await read(c, bytes, 'R14')) })
    }
  return came
}

// --- internal ---

/** A port that is free for UDP and for TCP. */
async function serverOf(c: Check, name: string, overTcp: boolean): Promise<Server> {
  if (!overTcp) return { peer: await c.datagrams({ name }), listener: null, taken: 0 }
  for (;;) {
    const listener = await c.listen({ name })
    try {
      const peer = await c.datagrams({ name, port: listener.port })
      return { peer, listener, taken: 0 }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    }
  }
}

function unframed(c: Check, bytes: Buffer): Buffer {
  const length = bytes.length < 2 ? -1 : bytes.readUInt16BE()
  c.expect(
    bytes.length === length + 2,
    'two bytes with the length of the query, and the query, over TCP',
    `${bytes.length} bytes: ${bytes.subarray(0, 40).toString('hex')}`,
  )
  return bytes.subarray(2)
}

/** Everything but id, name and type is the same in all queries. */
async function read(
  c: Check,
  bytes: Buffer,
  requirement: string,
): Promise<Omit<Came, 'server' | 'over' | 'port' | 'connection'>> {
  const labels: string[] = []
  let at = 12
  for (let length = bytes[at] ?? 0; length > 0 && length < 64; length = bytes[at] ?? 0) {
    labels.push(bytes.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  const type = bytes[at + 2] === 28 ? 'AAAA' : 'A'
  const head = bytes.subarray(2, 12).toString('hex')
  const tail = bytes.subarray(at).toString('hex')
  const isQuery = head === '01000001000000000000' && tail === (type === 'A' ? '0000010001' : '00001c0001')
  await c.blame(requirement, () =>
    c.expect(isQuery, 'a query as encodeQuery() gives it', `${bytes.length} bytes: ${bytes.toString('hex')}`),
  )
  const written = labels.join('.')
  return { id: bytes.readUInt16BE(), written, name: written.toLowerCase(), type }
}
