import { isIP } from 'node:net'

/** The tables of the kernel of Linux, as `/proc/net/tcp` and `/proc/net/tcp6` print them. */

/** By number, from 1: `include/net/tcp_states.h`. */
export const KERNEL_STATES = [
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
] as const

export type Name = (typeof KERNEL_STATES)[number]

export interface Address {
  readonly host: string
  readonly port: number
}

/** One row, as it is to be read; and what else the kernel prints of it. */
export interface Row {
  readonly local: Address
  readonly remote: Address
  readonly state: Name
  readonly timeWaitMs: number | null
  /** The kind of its timer, and when it runs out, in ticks. */
  readonly timer?: readonly [kind: number, ticks: number]
  readonly number?: number
  readonly queues?: readonly [sent: number, received: number]
}

const TCP = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode'
const TCP6 =
  '  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode'

/** Where the table is cut: how a text begins and ends. */
export type Form = 'as it is' | 'no header' | 'no line break at the end' | 'both headers'

/** The text of both tables, those of IPv4 first. */
export function textOf(rows: readonly Row[], form: Form = 'as it is'): string {
  const four = rows.filter(({ local }) => isIP(local.host) === 4)
  const six = rows.filter(({ local }) => isIP(local.host) === 6)
  const tables = [
    ...(form === 'no header' || (six.length > 0 && four.length === 0 && form !== 'both headers')
      ? []
      : [pad(TCP)]),
    ...four.map(numbered),
    ...(six.length > 0 && form !== 'no header' ? [pad(TCP6)] : []),
    ...six.map(numbered),
  ]
  const text = tables.map((line) => `${line}\n`).join('')
  return form === 'no line break at the end' ? text.slice(0, -1) : text
}

/** Rows in the order of the text. */
export function inOrder(rows: readonly Row[]): Row[] {
  return [...rows].sort((a, b) => isIP(a.local.host) - isIP(b.local.host))
}

// --- internal ---

const numbered = (row: Row, number: number): string => lineOf({ number, ...row })

const pad = (line: string): string => line.padEnd(149)

/** As `get_tcp4_sock` of the kernel prints it. */
export function lineOf({ local, remote, state, timer = [0, 0], number = 0, queues = [0, 0] }: Row): string {
  const [kind, ticks] = timer
  const st = hex(KERNEL_STATES.indexOf(state) + 1, 2)
  const start = `${String(number).padStart(4)}: ${addressOf(local)} ${addressOf(remote)} ${st}`
  const rest = `${hex(queues[0], 8)}:${hex(queues[1], 8)} ${hex(kind, 2)}:${hex(ticks, 8)} 00000000`
  return pad(`${start} ${rest}  1000        0 ${31_000 + number} 1 0000000000000000 20 4 30 10 -1`)
}

function addressOf({ host, port }: Address): string {
  const bytes = isIP(host) === 6 ? bytesOfIPv6(host) : host.split('.').map(Number)
  const words = Array.from({ length: bytes.length / 4 }, (_, at) => bytes.slice(4 * at, 4 * at + 4))
  const text = words
    .map((word) =>
      [...word]
        .reverse()
        .map((byte) => hex(byte, 2))
        .join(''),
    )
    .join('')
  return `${text}:${hex(port, 4)}`
}

function bytesOfIPv6(host: string): number[] {
  const plain = host.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a: string, b: string, d: string, e: string) =>
    [
      [a, b],
      [d, e],
    ]
      .map(([high, low]) => hex(256 * Number(high) + Number(low), 4))
      .join(':'),
  )
  const [front = '', back = ''] = plain.split('::')
  const groups = (text: string): number[] =>
    text
      .split(':')
      .filter(Boolean)
      .map((group) => Number.parseInt(group, 16))
  const [start, end] = [groups(front), groups(back)]
  const all = plain.includes('::')
    ? [...start, ...Array<number>(8 - start.length - end.length).fill(0), ...end]
    : start
  return all.flatMap((group) => [group >> 8, group & 255])
}

function hex(value: number, digits: number): string {
  return value.toString(16).toUpperCase().padStart(digits, '0')
}
