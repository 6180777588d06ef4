import { readFileSync } from 'node:fs'
import { setImmediate as turn } from 'node:timers/promises'

/** One end of a connection, as the kernel of Linux lists it. */
export interface KernelSocket {
  readonly localPort: number
  readonly remotePort: number
  readonly state: string
  /** Bytes written and not acknowledged yet. */
  readonly unacknowledged: number
  /** Bytes arrived and not read yet. */
  readonly unread: number
}

/**
 * The end of a connection that lies on `localPort`; undefined when the kernel has forgotten it. Both ports are
 * needed: another connection may have the same local port, towards another destination.
 */
export function kernelEnd(localPort: number, remotePort: number): KernelSocket | undefined {
  const line = kernelLine(localPort, remotePort)
  return line === undefined ? undefined : parseLine(line)
}

/** The same, as the kernel prints it. */
export function kernelLine(localPort: number, remotePort: number): string | undefined {
  return kernelLines()
    .slice(1)
    .find((line) => {
      const end = parseLine(line)
      return end.localPort === localPort && end.remotePort === remotePort
    })
}

/** The whole table, with the names of its columns in front. */
export function kernelLines(): string[] {
  return readFileSync('/proc/net/tcp', 'utf8').trimEnd().split('\n')
}

/** Looks again each turn of the event loop: what we wait for happens in the kernel, which sends no event. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await turn()
}

// --- internal ---

/** In the order of `include/net/tcp_states.h`, from 1. */
const STATES = [
  'ESTABLISHED',
  'SYN-SENT',
  'SYN-RECEIVED',
  'FIN-WAIT-1',
  'FIN-WAIT-2',
  'TIME-WAIT',
  'CLOSED',
  'CLOSE-WAIT',
  'LAST-ACK',
  'LISTEN',
  'CLOSING',
]

/** `0: 0100007F:9C40 0100007F:1F90 01 00000000:00000003 …`, all in hexadecimal. */
function parseLine(line: string): KernelSocket {
  const [, local = '', remote = '', state = '', queues = ''] = line.trim().split(/\s+/)
  const [unacknowledged = '', unread = ''] = queues.split(':')
  return {
    localPort: portOf(local),
    remotePort: portOf(remote),
    state: STATES[Number.parseInt(state, 16) - 1] ?? `state ${state}`,
    unacknowledged: Number.parseInt(unacknowledged, 16),
    unread: Number.parseInt(unread, 16),
  }
}

function portOf(address: string): number {
  return Number.parseInt(address.slice(address.indexOf(':') + 1), 16)
}
