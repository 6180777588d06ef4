import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import readline from 'node:readline'

/** One TCP packet as it passed on the loopback. */
export interface Packet {
  /** Milliseconds; see `timedFrom`. */
  readonly at: number
  readonly from: number
  readonly to: number
  readonly syn: boolean
  readonly ack: boolean
  readonly fin: boolean
  readonly rst: boolean
  /** Bytes of data. */
  readonly length: number
  /** Numbers of the first byte and of the byte expected next; counted from the SYN, which has 0. */
  readonly sequence: number
  readonly acknowledged: number
}

/** Whether tshark is here and may capture. */
export function canCapture(): boolean {
  return (able ??=
    spawnSync('tshark', ['-i', 'lo', '-a', 'duration:0', '-q'], { stdio: 'ignore' }).status === 0)
}

/** Resolves when the packets so far are as wanted. */
export type Seen = (wanted: (packets: readonly Packet[]) => boolean) => Promise<void>

/**
 * Captures what passes on the loopback from and to a port while `run` goes on.
 *
 * @param file - Keeps the packets there, too.
 * @throws Error where tshark cannot capture.
 */
export async function capture(
  port: number,
  run: (seen: Seen) => Promise<void>,
  file?: string,
): Promise<Packet[]> {
  const mark = await Mark.open()
  const filter = `tcp port ${port} or udp dst port ${mark.port}`
  const kept = file === undefined ? [] : ['-w', file, '-P']
  const tshark = spawn('tshark', ['-i', 'lo', '-f', filter, '-n', '-l', ...kept, '-T', 'fields', ...FIELDS], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const packets: Packet[] = []
  let marks = 0
  const lines = readline.createInterface({ input: tshark.stdout })
  lines.on('line', (line) => {
    if (line.includes('udp')) marks++
    else packets.push(packetOf(line))
  })
  try {
    // Marks of our own tell when the capture has begun, and hurry along what tshark keeps back.
    await mark.until(lines, tshark, () => marks > 0)
    await run((wanted) => mark.until(lines, tshark, () => wanted(packets)))
    const before = marks
    await mark.until(lines, tshark, () => marks > before)
  } finally {
    const ended = once(tshark, 'exit')
    tshark.kill('SIGINT')
    await ended
    mark.close()
  }
  return packets
}

/** The packets from an index on, their times counted from the first of them. */
export function timedFrom(packets: readonly Packet[], index: number): Packet[] {
  const first = packets[index]?.at ?? 0
  return packets
    .slice(index)
    .map((packet) => ({ ...packet, at: Math.round((packet.at - first) * 1000) / 1000 }))
}

// --- internal ---

let able: boolean | undefined

const FIELDS = [
  'frame.protocols',
  'frame.time_epoch',
  'tcp.srcport',
  'tcp.dstport',
  'tcp.flags',
  'tcp.len',
  'tcp.seq',
  'tcp.ack',
].flatMap((field) => ['-e', field])

/** Datagrams to a port of our own that stand in the capture between the packets. */
class Mark {
  readonly #socket = createSocket('udp4')

  static async open(): Promise<Mark> {
    const mark = new Mark()
    mark.#socket.bind(0, '127.0.0.1')
    await once(mark.#socket, 'listening')
    return mark
  }

  get port(): number {
    return this.#socket.address().port
  }

  /** Sends marks until the capture shows what is waited for: tshark does not say when it has begun. */
  async until(lines: readline.Interface, tshark: ChildProcess, met: () => boolean): Promise<void> {
    while (!met()) {
      if (tshark.exitCode !== null)
        throw new Error(`tshark ended with ${tshark.exitCode}: may it capture on lo?`)
      const seen = once(lines, 'line', { signal: AbortSignal.timeout(RESEND) }).catch(() => undefined)
      this.#socket.send('mark', this.port, '127.0.0.1')
      await seen
    }
  }

  close(): void {
    this.#socket.close()
  }
}

/** A mark that was sent before the capture had begun is lost. Milliseconds. */
const RESEND = 200

function packetOf(line: string): Packet {
  const [, time = '', from = '', to = '', flags = '', ...numbers] = line.split('\t')
  const [length = 0, sequence = 0, acknowledged = 0] = numbers.map(Number)
  const bits = Number(flags)
  return {
    at: Number(time) * 1000,
    from: Number(from),
    to: Number(to),
    fin: (bits & 1) !== 0,
    syn: (bits & 2) !== 0,
    rst: (bits & 4) !== 0,
    ack: (bits & 16) !== 0,
    length,
    sequence,
    acknowledged,
  }
}
