import type { Check, DatagramPeer } from '../../../workbook/grading/check.ts'
import type { Random } from '../../../workbook/grading/random.ts'
import type { Grant } from './model.ts'
import type { Fault, Said } from './steps.ts'
import {
  address,
  END,
  hardware,
  messageOf,
  optionBytes,
  read,
  seconds,
  type Option,
  type Seen,
} from './wire-format.ts'

/** The LAN as the grader plays it: a place that stands for all machines, and two DHCP servers at places of their own. */

export interface Lan {
  readonly peers: Readonly<Record<'all' | 0 | 1, DatagramPeer>>
  readonly mac: string
  /** The port of `options.server`, and of each server. */
  readonly port: number
  /** What the short numbers of a conversation stand for. */
  address(number: number): string
  server(number: number): string
  /** The port from which the program has sent last. */
  client: number
}

export interface Arrived extends Seen {
  readonly to: 'all' | 0 | 1
}

export const ALL = '255.255.255.255'

export async function lanOf(c: Check): Promise<Lan> {
  const { random } = c
  const net = `10.${random.integer(0, 255)}.${random.integer(0, 255)}`
  const [base, port] = [random.integer(20, 200), random.pick([67, random.integer(1_024, 60_000)])]
  const server = (number: number): string => `${net}.${number + 1}`
  const all = await c.datagrams({ name: 'all', describe: told })
  const one = await c.datagrams({ name: 'server 1', describe: told })
  const two = await c.datagrams({ name: 'server 2', describe: told })
  for (const [host, peer] of [
    [ALL, all],
    [server(0), one],
    [server(1), two],
  ] as const)
    c.learner.permit(host, port, peer)
  const mac = hardware(Buffer.concat([Buffer.of(2), random.bytes(5)]))
  return {
    peers: { all, 0: one, 1: two },
    mac,
    port,
    address: (number) => `${net}.${base + number}`,
    server,
    client: 0,
  }
}

/** What has come since it was asked last. The program is idle. */
export function arrivals(c: Check, lan: Lan): Arrived[] {
  return (['all', 0, 1] as const).flatMap((to) =>
    lan.peers[to].takeAll().map(({ bytes, port }) => {
      lan.client = port
      const seen = read(bytes)
      if (!seen)
        return c.fail('a message of DHCP', `${bytes.length} bytes: ${bytes.subarray(0, 60).toString('hex')}`)
      return { ...seen, to }
    }),
  )
}

/** From the place where its server stands. */
export async function answer(c: Check, lan: Lan, step: Said, xid: number): Promise<void> {
  if (lan.client === 0) return
  await lan.peers[step.from === 1 ? 1 : 0].send(bytesOf(c.random, lan, step, xid), lan.client)
}

/** The option that says so, and what stands beside it. */
function grantOptions(lan: Lan, grant: Grant): Option[] {
  const { t1, t2, bare } = grant
  return [
    ...(bare
      ? []
      : ([
          [1, address('255.255.255.0')],
          [3, address(lan.server(0))],
          [6, dns(lan)],
        ] as const)),
    ...(t1 === undefined ? [] : ([[58, seconds(t1)]] as const)),
    ...(t2 === undefined ? [] : ([[59, seconds(t2)]] as const)),
  ]
}

export function dnsOf(lan: Lan): string[] {
  return [lan.server(4), lan.server(5)]
}

// --- internal ---

const NUMBERS = { offer: 2, ack: 5, nak: 6 } as const

function dns(lan: Lan): Buffer {
  return Buffer.concat(dnsOf(lan).map(address))
}

function bytesOf(random: Random, lan: Lan, { says, from, grant, fault }: Said, xid: number): Buffer {
  const isNak = says === 'nak'
  const whole: Option[] = [
    [53, Buffer.of(NUMBERS[says])],
    [54, address(lan.server(from))],
    ...(isNak ? [] : ([[51, seconds(grant.seconds)], ...grantOptions(lan, grant)] as const)),
  ]
  const options = whole.flatMap((option) => faulty(option, fault))
  const chaddr =
    fault === 'another mac' ? lan.mac.replace(/.$/, (digit) => (digit === '0' ? '1' : '0')) : lan.mac
  const bytes = messageOf({
    op: fault === 'from a client' ? 1 : 2,
    xid: fault === 'another xid' ? (xid ^ (1 << random.integer(0, 30))) >>> 0 : xid,
    chaddr,
    flags: random.pick([0, 0x8000]),
    yiaddr: isNak || fault === 'no address' ? '0.0.0.0' : lan.address(grant.address),
    tail: Buffer.concat([
      optionBytes(...turned(options, random.integer(0, 9))),
      fault === 'an option that is cut' ? Buffer.of(12, 9, 1) : END,
    ]),
  })
  if (fault === 'no cookie') bytes[random.integer(236, 239)] = 7
  if (fault === 'half a message') return bytes.subarray(0, random.integer(1, 239))
  return fault === 'no bytes' ? Buffer.alloc(0) : bytes
}

function faulty(option: Option, fault: Fault | undefined): Option[] {
  const [code, data] = option
  if (code === 53 && fault === 'another type')
    return [[53, Buffer.of(data[0] === 5 ? 2 : data[0] === 2 ? 5 : 1)]]
  if (code === 53 && fault === 'no type') return []
  if (code === 51 && fault === 'no time') return []
  if (code === 51 && fault === 'a short time') return [[51, data.subarray(2)]]
  if (code === 54 && fault === 'no server') return []
  if (code === 54 && fault === 'a short server') return [[54, data.subarray(1)]]
  return [option]
}

/** Their order means nothing. */
function turned(options: readonly Option[], by: number): Option[] {
  const at = by % Math.max(1, options.length)
  return [...options.slice(at), ...options.slice(0, at)]
}

function told(bytes: Buffer): string {
  const seen = read(bytes)
  return seen
    ? `DHCP${seen.type}${seen.ciaddr === '0.0.0.0' ? '' : ` of ${seen.ciaddr}`}`
    : `${bytes.length} bytes`
}
