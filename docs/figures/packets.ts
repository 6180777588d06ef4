import type { SegmentEvent } from '../../workbook/figure/figure.ts'
import type { Packet } from './capture.ts'

/**
 * Packets as segments between client and server. On the loopback a packet is captured once, so it
 * arrives in the moment in which it was sent.
 *
 * @param names - What each packet with data carries, in order.
 */
export function segmentsOf(
  packets: readonly Packet[],
  serverPort: number,
  names: readonly string[],
): SegmentEvent[] {
  const left = [...names]
  return packets.map((packet) => {
    const [from, to] = packet.to === serverPort ? ['client', 'server'] : ['server', 'client']
    const { at } = packet
    const label = packet.length > 0 ? (left.shift() ?? `${packet.length} B`) : flagsOf(packet)
    return { kind: 'segment', from, to, sent: at, arrived: at, label, type: typeOf(packet) }
  })
}

// --- internal ---

function flagsOf({ syn, fin, rst, ack }: Packet): string {
  const [first] = [syn && 'SYN', fin && 'FIN', rst && 'RST'].filter((flag) => flag !== false)
  if (first === undefined) return 'ACK'
  return ack && syn ? `${first}+ACK` : first
}

function typeOf({ syn, fin, rst, length }: Packet): SegmentEvent['type'] {
  if (syn) return 'syn'
  if (rst) return 'rst'
  if (fin) return 'fin'
  return length > 0 ? 'data' : 'ack'
}
