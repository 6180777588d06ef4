import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { cellsOf, outputOf } from './demo-output.ts'

const onLinux = process.platform === 'linux'
const OWN_NETWORK = ['--user', '--map-root-user', '--net', 'ip', 'link', 'set', 'lo', 'up']
const ownNetwork = onLinux && spawnSync('unshare', OWN_NETWORK).status === 0
const CABLE = ['--user', '--map-root-user', '--net', 'ip', 'link', 'add', 'type', 'veth']
const hasCable = onLinux && spawnSync('unshare', CABLE).status === 0

test('handshake-cost: half of a small transaction is set-up, and reuse saves four round trips of ten', async () => {
  const output = await outputOf('handshake-cost')
  expect(cellsOf(output, '1, new').slice(1)).toEqual(['1', '1', '2', '50 %', '67 %'])
  expect(cellsOf(output, '5, new').slice(1)).toEqual(['5', '5', '10', '50 %', '67 %'])
  expect(cellsOf(output, '5, one').slice(1)).toEqual(['1', '5', '6', '17 %', '29 %'])
})

test('nagle: two writes an exchange, or one; and on Linux the two stall, and each cure ends that', async () => {
  const output = await outputOf('nagle')
  const rows = ['write, write  ', 'write, write, TCP', 'cork', 'one write'].map((name) =>
    cellsOf(output, name),
  )
  expect(rows.map(([, writes]) => writes)).toEqual(['16', '16', '8', '8'])
  const [stalled = 0, ...cured] = rows.map((row) => Number(row[3]))
  if (!onLinux) return
  // An acknowledgement is held back for 40 ms at least. On a busy machine an answer may come so late that the
  // next acknowledgement is not held back; the middle of seven exchanges does not follow one of them.
  expect(stalled).toBeGreaterThanOrEqual(20)
  expect(cured).toHaveLength(3)
  for (const later of cured) expect(later).toBeLessThan(stalled)
})

test('slow-start: 100 KB take seven, six, five and three round trips', async () => {
  const output = await outputOf('slow-start')
  const flights = (window: number): string[] => cellsOf(output, `${window}  `).slice(1)
  expect(flights(1)).toEqual(['7', '1 + 2 + 4 + 8 + 16 + 32 + 6'])
  expect(flights(2)).toEqual(['6', '2 + 4 + 8 + 16 + 32 + 7'])
  expect(flights(4)).toEqual(['5', '4 + 8 + 16 + 32 + 9'])
  expect(flights(10)).toEqual(['3', '10 + 20 + 39'])
})

test.runIf(onLinux)('time-wait: who closes first waits, and after a reset nobody does', async () => {
  const output = await outputOf('time-wait')
  expect(cellsOf(output, 'the client, then').slice(1)).toEqual(['TIME-WAIT', 'nothing left'])
  expect(cellsOf(output, 'the server, then').slice(1)).toEqual(['nothing left', 'TIME-WAIT'])
  expect(cellsOf(output, 'the client; the server not').slice(1)).toEqual(['FIN-WAIT-2', 'CLOSE-WAIT'])
  expect(cellsOf(output, 'the client, with a reset').slice(1)).toEqual(['nothing left', 'nothing left'])
})

test.runIf(onLinux)('tcp-table: two rows, open and half-closed, and then the one that waits', async () => {
  const output = await outputOf('tcp-table')
  const [, client = '', server = ''] = /is ([0-9A-F]{4}), .* is ([0-9A-F]{4})/.exec(output) ?? []
  const [one, other] = [`0100007F:${client}`, `0100007F:${server}`]
  const rows = output.split('\n').filter((line) => /^ *\d+:/.test(line))
  expect(rows.map((row) => row.trim().split(/ +/).slice(1, 4))).toEqual([
    [one, other, '01'],
    [other, one, '01'],
    [one, other, '05'],
    [other, one, '08'],
    [one, other, '06'],
  ])
  // A minute in hundredths of a second, less what has passed since.
  const [, kind, left = ''] = / (\d\d):([0-9A-F]{8}) \d{8}$/.exec(rows.at(-1) ?? '') ?? []
  expect([kind, Number.parseInt(left, 16) <= 6_000]).toEqual(['03', true])
})

test.runIf(onLinux)('ports: the range of this kernel, divided by 60 seconds', async () => {
  const output = await outputOf('ports')
  const range = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').trim().split(/\s+/).map(Number)
  const count = (range[1] ?? 0) - (range[0] ?? 0) + 1
  expect(output).toContain(`${count} ports / 60 s = ${Math.floor(count / 60)} connections a second`)
})

test('port-exhaustion: the client that closes first gets 32 connections, and no more', async () => {
  const output = await outputOf('port-exhaustion')
  const told = output.split('\n').filter((line) => /^(?:the client|the server|This demo needs) /.test(line))
  const counted = ['the client        32 of 100   EADDRNOTAVAIL', 'the server        100 of 100  no refusal']
  const excuse =
    'This demo needs a network of its own, which only Linux gives, and only where it lets users have one'
  expect(told).toEqual(ownNetwork ? counted : [excuse])
})

test.runIf(ownNetwork)(
  'more-ports: a destination has all ports for itself, and a source address has them once',
  async () => {
    const output = await outputOf('more-ports')
    const rows = output.trim().split('\n').slice(3)
    expect(rows.map((row) => row.split(/ {2,}/).slice(2))).toEqual([
      ['32', 'EADDRNOTAVAIL'],
      ['32', 'EADDRNOTAVAIL'],
      ['32', 'EADDRINUSE'],
      ['0', 'EADDRINUSE'],
      ['32', 'EADDRINUSE'],
    ])
  },
)

test.runIf(hasCable)(
  'lost-segment: others that follow bring it back, and alone it waits for a timer',
  async () => {
    const output = await outputOf('lost-segment')
    const [, alone] = cellsOf(output, 'one, and it is lost')
    // The timers of Linux do not run out before 200 ms, however near the other end is.
    expect(Number(alone)).toBeGreaterThanOrEqual(200)
    // That a loss made the window smaller tells that the segment was really lost, and sent again.
    const [before = 0, after = 0] = cellsOf(output, 'ten, the first')[2]?.split(' to ').map(Number) ?? []
    expect(after).toBeLessThan(before)
  },
)

test.runIf(ownNetwork)(
  'idle-window: an idle time makes the window smaller, down to ten segments',
  async () => {
    const output = await outputOf('idle-window')
    const rows = output.trim().split('\n').slice(3)
    const [idle = [], longest = []] = [rows.at(-2), rows.at(-1)].map((row) =>
      row?.trim().split(/ +/).map(Number),
    )
    expect(idle[2]).toBeLessThan(idle[1] ?? 0)
    expect(longest[2]).toBe(10)
  },
)

test.runIf(!ownNetwork).each(['more-ports', 'lost-segment', 'idle-window'])(
  '%s says what it needs',
  async (name) => {
    expect(await outputOf(name)).toMatch(/^This demo needs a network of its own, which only Linux gives/)
  },
)

test('settings: node:http sets TCP_NODELAY at both ends, and node:net at none', async () => {
  const output = await outputOf('settings')
  expect(cellsOf(output, 'connections that node:net').at(-1)).toBe('no')
  expect(cellsOf(output, 'both ends of a connection of node:http').at(-1)).toBe('yes')
  expect(cellsOf(output, 'and each gets').at(-1)).toMatch(/^\d+ ms$/)
  if (!onLinux) return
  const algorithm = readFileSync('/proc/sys/net/ipv4/tcp_congestion_control', 'utf8').trim()
  expect(cellsOf(output, 'tcp_congestion_control')[1]).toBe(algorithm)
  const reuse = readFileSync('/proc/sys/net/ipv4/tcp_tw_reuse', 'utf8').trim()
  expect(cellsOf(output, 'tcp_tw_reuse ')[1]).toBe(reuse)
})
