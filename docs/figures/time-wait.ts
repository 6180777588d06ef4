import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import net from 'node:net'
import { capture, type Seen } from './capture.ts'
import { CLIENT_AND_SERVER } from './pages.ts'
import type { Drawn, Recipe } from './recipe.ts'
import { Recording } from './recording.ts'

/** Who closes first keeps the memory of the connection. */
export const timeWait: readonly Recipe[] = [{ name: 'time-wait', how: 'captured', record }]

// --- internal ---

type Side = 'client' | 'server'

async function record(): Promise<Drawn> {
  const recording = new Recording()
  await closeBy('client', 1, recording)
  await closeBy('server', 2, recording)
  return {
    title: 'TIME-WAIT: whoever closes first keeps it',
    description:
      'Twice the same close, with the states that the kernel shows when it rests. Above, the client closes first: its FIN is acknowledged, and it waits in FIN-WAIT-2 while the server, in CLOSE-WAIT, may still send. ' +
      'The server’s FIN brings the client to TIME-WAIT, and on the server’s side nothing is left. Below, the server closes first, and the server keeps TIME-WAIT (RFC 9293 §3.6). Linux keeps it for 60 seconds.',
    lanes: CLIENT_AND_SERVER,
    unit: 'order',
    events: recording.events,
  }
}

/** Captures a close, and reads the kernel's states whenever the connection has come to rest. */
async function closeBy(first: Side, connection: number, recording: Recording): Promise<void> {
  const second = first === 'client' ? 'server' : 'client'
  const server = net.createServer({ allowHalfOpen: true })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as net.AddressInfo
  recording.note(null, `the ${first} closes first`)
  await capture(port, async (seen) => {
    const client = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    const [accepted] = (await once(server, 'connection')) as [net.Socket]
    const sockets = { client: client.resume(), server: accepted.resume() }
    const ports = { client: client.localPort ?? 0, server: port }
    const state = (side: Side): string => stateOf(ports[side], ports[side === 'client' ? 'server' : 'client'])
    await closeOne(sockets[first], seen, 1)
    tellClose(recording, first, second, connection)
    const [waits, mayClose] = [recording.state(first, state(first)), recording.state(second, state(second))]
    await closeOne(sockets[second], seen, 2)
    mayClose()
    tellClose(recording, second, first, connection)
    waits()
    if (state(second) !== 'closed') throw new Error(`the ${second} is in ${state(second)}`)
    recording.state(first, `${state(first)} for 60 s`)
  })
  server.close()
}

/** Sends a FIN and waits until the capture shows it acknowledged. */
async function closeOne(socket: net.Socket, seen: Seen, fins: number): Promise<void> {
  socket.end()
  await seen((packets) => {
    const last = packets.findLastIndex(({ fin }) => fin)
    return packets.filter(({ fin }) => fin).length === fins && packets.length > last + 1
  })
}

function tellClose(recording: Recording, from: Side, to: Side, connection: number): void {
  recording.sent({ from, to, label: 'FIN', type: 'fin', connection }).arrive()
  recording.sent({ from: to, to: from, label: 'ACK', type: 'ack', connection }).arrive()
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
