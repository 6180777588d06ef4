import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import net from 'node:net'
import type { FigureEvent } from '../../workbook/figure/figure.ts'
import { capture, type Seen } from './capture.ts'
import { CLIENT_AND_SERVER } from './pages.ts'
import type { Drawn, Recipe } from './recipe.ts'

/** Who closes first keeps the memory of the connection. */
export const timeWait: readonly Recipe[] = [{ name: 'time-wait', how: 'captured', record }]

// --- internal ---

type Side = 'client' | 'server'

async function record(): Promise<Drawn> {
  const above = await closeBy('client')
  const below = await closeBy('server')
  const events = eventsOf(above, 1, 0)
  return {
    title: 'TIME-WAIT: whoever closes first keeps it',
    description:
      'Twice the same close, with the states that the kernel shows when it rests. Above, the client closes first: its FIN is acknowledged, ' +
      'and it waits in FIN-WAIT-2 while the server, in CLOSE-WAIT, may still send. The server’s FIN brings the client to TIME-WAIT, and on the ' +
      'server’s side nothing is left. Below, the server closes first, and the server keeps TIME-WAIT (RFC 9293 §3.6). Linux keeps it for 60 seconds.',
    lanes: CLIENT_AND_SERVER,
    unit: 'order',
    events: [...events, ...eventsOf(below, 2, STEPS)],
  }
}

interface Closing {
  readonly first: Side
  readonly second: Side
  /** As the kernel shows them behind the first FIN and its ACK. */
  readonly between: Readonly<Record<Side, string>>
  /** And behind the second. */
  readonly after: Readonly<Record<Side, string>>
}

/** Captures a close, and reads the kernel's states whenever the connection has come to rest. */
async function closeBy(first: Side): Promise<Closing> {
  const second = first === 'client' ? 'server' : 'client'
  const server = net.createServer({ allowHalfOpen: true })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as net.AddressInfo
  const states: Array<Record<Side, string>> = []
  await capture(port, async (seen) => {
    const client = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    const [accepted] = (await once(server, 'connection')) as [net.Socket]
    const sockets = { client: client.resume(), server: accepted.resume() }
    const ours = client.localPort ?? 0
    for (const [index, side] of ([first, second] as const).entries()) {
      await closeOne(sockets[side], seen, index + 1)
      states.push({ client: stateOf(ours, port), server: stateOf(port, ours) })
    }
  })
  server.close()
  const [between, after] = states
  if (!between || !after || after[second] !== 'closed') throw new Error(`the ${second} is still there`)
  return { first, second, between, after }
}

/** Steps of one close, with room before the next. */
const STEPS = 12

function eventsOf(
  { first, second, between, after }: Closing,
  connection: number,
  start: number,
): FigureEvent[] {
  const segment = (from: Side, to: Side, at: number, type: 'fin' | 'ack'): FigureEvent => {
    const [sent, arrived] = [start + at, start + at + 1]
    return { kind: 'segment', from, to, sent, arrived, label: type.toUpperCase(), type, connection }
  }
  const state = (lane: Side, label: string, from: number, to: number | null): FigureEvent => {
    return { kind: 'state', lane, from: start + from, to: to === null ? null : start + to, label }
  }
  return [
    { kind: 'note', lane: null, at: start, label: `the ${first} closes first` },
    segment(first, second, 2, 'fin'),
    state(second, between[second], 3, 6),
    segment(second, first, 4, 'ack'),
    state(first, between[first], 5, 7),
    segment(second, first, 6, 'fin'),
    state(first, `${after[first]} for 60 s`, 7, null),
    segment(first, second, 8, 'ack'),
  ]
}

/** Sends a FIN and waits until the capture shows it acknowledged. */
async function closeOne(socket: net.Socket, seen: Seen, fins: number): Promise<void> {
  socket.end()
  await seen((packets) => {
    const last = packets.findLastIndex(({ fin }) => fin)
    return packets.filter(({ fin }) => fin).length === fins && packets.length > last + 1
  })
}

const STATES: Readonly<Record<string, string>> = {
  '01': 'ESTABLISHED',
  '04': 'FIN-WAIT-1',
  '05': 'FIN-WAIT-2',
  '06': 'TIME-WAIT',
  '08': 'CLOSE-WAIT',
  '09': 'LAST-ACK',
}

/** The state of one end as `/proc/net/tcp` shows it; `closed` where it is gone. */
function stateOf(local: number, remote: number): string {
  const hex = (port: number): string => port.toString(16).toUpperCase().padStart(4, '0')
  const line = readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((text) => text.trim().split(/\s+/))
    .find(
      ([, ours = '', theirs = '']) => ours.endsWith(`:${hex(local)}`) && theirs.endsWith(`:${hex(remote)}`),
    )
  return line ? (STATES[line[3] ?? ''] ?? `state ${line[3]}`) : 'closed'
}
