import { isIP, SocketAddress } from 'node:net'
import type { Check } from '../../../workbook/grading/check.ts'
import type { Conversations } from '../../../workbook/grading/conversation.ts'
import type { Random } from '../../../workbook/grading/random.ts'
import {
  inOrder,
  KERNEL_STATES,
  lineOf,
  textOf,
  type Address,
  type Form,
  type Name,
  type Row,
} from './kernel-text.ts'

/** Conversations about the tables of the kernel, whole ones, drawn. */

interface Seen {
  readonly local?: Partial<Address>
  readonly remote?: Partial<Address>
  readonly state?: unknown
  readonly timeWaitMs?: unknown
}

const V4 = ['127.0.0.1', '10.0.0.255', '192.0.2.77', '1.2.3.4', '255.254.253.252', '0.0.0.0']
const V6 = [
  '::1',
  '2001:db8::1:2',
  'fe80::1234:5678:9abc:def0',
  '::ffff:127.0.0.1',
  '::',
  '1:2:3:4:5:6:7:8',
  'ff02::1:ff00:a0b',
  // One run of zeros alone may be left out.
  '2001:db8:0:0:5:0:0:9',
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

/** A table of one row: its addresses, and nothing else. */
export async function expectAddresses(c: Check, ends: Pick<Row, 'local' | 'remote'>): Promise<void> {
  const row: Row = { ...ends, state: 'TIME-WAIT', timer: [3, 6_000], timeWaitMs: 60_000 }
  const rows = await c.learner.call<Seen[]>('readTcpTable', textOf([row]))
  const [seen] = Array.isArray(rows) ? rows : []
  c.expectEqual(addressesOf(seen), addressesOf(row), 'the addresses of the row')
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

function addressesOf(row: Seen | undefined) {
  return [row?.local, row?.remote].map((end) => ({ host: canonical(end?.host), port: end?.port }))
}

/** An address of IPv6 may be written in more than one way. */
function canonical(host: unknown): unknown {
  if (typeof host !== 'string' || isIP(host) !== 6) return host
  return new SocketAddress({ family: 'ipv6', address: host }).address
}
