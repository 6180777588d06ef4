import { isIP, SocketAddress } from 'node:net'
import type { Check } from '../../../workbook/grading/check.ts'
import type { Conversations } from '../../../workbook/grading/conversation.ts'
import type { Random } from '../../../workbook/grading/random.ts'

/** Tables as the kernel of Linux prints them, whole ones, drawn. */

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

type Name = (typeof KERNEL_STATES)[number]

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

interface Seen {
  readonly local?: Partial<Address>
  readonly remote?: Partial<Address>
  readonly state?: unknown
  readonly timeWaitMs?: unknown
}

const TCP = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode'
const TCP6 =
  '  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode'

const V4 = ['127.0.0.1', '10.0.0.255', '192.0.2.77', '1.2.3.4', '255.254.253.252', '0.0.0.0']
const V6 = [
  '::1',
  '2001:db8::1:2',
  'fe80::1234:5678:9abc:def0',
  '::ffff:127.0.0.1',
  '::',
  '1:2:3:4:5:6:7:8',
  'ff02::1:ff00:a0b',
]

/** A row of its own for each address, each state and each kind of timer. */
const rowsOf = (hosts: readonly string[]): Row[] =>
  hosts.flatMap((host, at) =>
    [80, 8_080, 65_535, 1, 256, 0].map((port, index): Row => {
      const remote = { host: hosts[(at + index + 1) % hosts.length] ?? host, port: 60_000 - index }
      return { local: { host, port }, remote, state: 'ESTABLISHED', timeWaitMs: null }
    }),
  )

const inState = (state: Name, timer: readonly [number, number], host = '192.0.2.1'): Row => ({
  local: { host, port: 50_000 },
  remote: { host, port: 443 },
  state,
  timer,
  timeWaitMs: state === 'TIME-WAIT' ? 10 * timer[1] : null,
})

const TIMERS = [
  [0, 0],
  [1, 0x1_00],
  [2, 0xabc],
  [3, 6_000],
] as const

const stateRows = KERNEL_STATES.flatMap((state) => TIMERS.map((timer) => inState(state, timer)))
const waitRows = [6_000, 5_999, 1, 0, 0x10, 0x0f_ff, 0x1_23_45_67_8].map((ticks) =>
  inState('TIME-WAIT', [3, ticks]),
)

/** Where the table is cut: how a text begins and ends. */
type Form = 'as it is' | 'no header' | 'no line break at the end' | 'both headers'

type Step = Row | { readonly form: Form }

export const TABLES = {
  R11: conversations(
    {
      'every address and port': rowsOf(V4),
      'many rows: the number takes five digits': rowsOf(V4).map((row, at) => ({
        ...row,
        number: 9_997 + at,
      })),
      'a header and no row': [],
      'no line break at the end': [...rowsOf(V4).slice(0, 2), { form: 'no line break at the end' }],
      'rows without their header': [...rowsOf(V4).slice(0, 3), { form: 'no header' }],
      'queues that are full': rowsOf(V4).map((row) => ({
        ...row,
        queues: [0xffff_fff0, 0x0a0b_0c0d] as const,
      })),
    },
    V4,
  ),
  R12: conversations(
    {
      'every address and port': rowsOf(V6),
      'both tables, one behind the other': [...rowsOf(V4).slice(0, 4), ...rowsOf(V6).slice(0, 4)],
      'both tables, the first one empty': [...rowsOf(V6).slice(0, 2), { form: 'both headers' }],
      'many rows': rowsOf(V6).map((row, at) => ({ ...row, number: 99_990 + at })),
    },
    V6,
  ),
  R13: conversations(
    {
      'every state with every timer': stateRows,
      'every state in tcp6': KERNEL_STATES.map((state) => inState(state, [3, 77], '2001:db8::9')),
      'how long it still waits': waitRows,
    },
    [...V4, ...V6],
  ),
}

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

export async function expectCounts(
  c: Check,
  rows: readonly unknown[],
  states: readonly Name[],
): Promise<void> {
  const counts = Object.fromEntries(
    KERNEL_STATES.map((state) => [state, states.filter((each) => each === state).length]),
  )
  const seen = await c.learner.call<object>('countStates', rows)
  c.expectEqual(seen, counts, 'what countStates() says')
}

export function drawRow(random: Random, hosts: readonly string[]): Row {
  const state = random.pick(KERNEL_STATES)
  const ticks = random.integer(0, 6_000)
  const host = random.pick(hosts)
  const others = hosts.filter((each) => isIP(each) === isIP(host))
  return {
    local: { host, port: random.integer(0, 65_535) },
    remote: { host: random.pick(others), port: random.integer(0, 65_535) },
    state,
    timer: state === 'TIME-WAIT' ? [3, ticks] : random.pick([...TIMERS]),
    timeWaitMs: state === 'TIME-WAIT' ? 10 * ticks : null,
    queues: [random.integer(0, 70_000), random.integer(0, 70_000)],
  }
}

// --- internal ---

function conversations(
  scripts: Readonly<Record<string, readonly Step[]>>,
  hosts: readonly string[],
): Conversations<Step> {
  return {
    scripts,
    drawn: 2,
    draw: (random) => Array.from({ length: random.integer(5, 30) }, () => drawRow(random, hosts)),
    play,
  }
}

async function play(c: Check, steps: readonly Step[]): Promise<void> {
  const rows = inOrder(steps.flatMap((step) => ('form' in step ? [] : [step])))
  const form = steps.flatMap((step) => ('form' in step ? [step.form] : [])).at(-1)
  const text = textOf(rows, form)
  const seen: unknown = await c.learner.call('readTcpTable', text)
  const isSix = rows.some(({ local }) => isIP(local.host) === 6)
  await c.blame(isSix ? 'R12' : 'R11', () => {
    if (!Array.isArray(seen)) c.fail('a list of rows', JSON.stringify(seen) ?? 'nothing')
    c.expectEqual(seen.length, rows.length, `the number of rows of ${JSON.stringify(text.slice(0, 200))}`)
  })
  for (const [at, row] of rows.entries()) await expectRow(c, (seen as Seen[])[at] ?? {}, row)
  await c.blame('R13', () =>
    expectCounts(
      c,
      seen as unknown[],
      rows.map(({ state }) => state),
    ),
  )
}

async function expectRow(c: Check, seen: Seen, row: Row): Promise<void> {
  const line = lineOf(row).trim().split(/\s+/).slice(0, 6).join(' ')
  for (const side of ['local', 'remote'] as const)
    await c.blame(isIP(row[side].host) === 6 ? 'R12' : 'R11', () => {
      const { host, port } = seen[side] ?? {}
      c.expectEqual(
        { host: canonical(host), port },
        { host: canonical(row[side].host), port: row[side].port },
        `the ${side} address of ${line}`,
      )
    })
  await c.blame('R13', () => {
    c.expectEqual(seen.state, row.state, `the state of ${line}`)
    c.expectEqual(seen.timeWaitMs, row.timeWaitMs, `\`timeWaitMs\` of ${line}`)
  })
}

/** An address of IPv6 may be written in more than one way. */
function canonical(host: unknown): unknown {
  if (typeof host !== 'string' || isIP(host) !== 6) return host
  return new SocketAddress({ family: 'ipv6', address: host }).address
}

const numbered = (row: Row, number: number): string => lineOf({ number, ...row })

const pad = (line: string): string => line.padEnd(149)

/** As `get_tcp4_sock` of the kernel prints it. */
function lineOf({ local, remote, state, timer = [0, 0], number = 0, queues = [0, 0] }: Row): string {
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
