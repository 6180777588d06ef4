import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { cellsOf, outputOf } from './demo-output.ts'

const onLinux = process.platform === 'linux'
const CABLE = ['--user', '--map-root-user', '--net', 'ip', 'link', 'add', 'type', 'veth']
const hasCable = onLinux && spawnSync('unshare', CABLE).status === 0

test('seven-steps tells each step once, in order', async () => {
  const output = await outputOf('seven-steps')
  const [, ...steps] = output.trim().split('\n')
  expect(steps.map((line) => line.slice(0, 10).trim())).toEqual([
    '1 host',
    '2 address',
    '3 port',
    '4 connect',
    '5 request',
    '6 response',
    '7 close',
  ])
  expect(output).toContain('6 response   HTTP/1.1 200 OK, 80 bytes, then FIN\n')
  expect(output).toMatch(/^3 port {7}(\d+)$/m)
})

test('byte-stream: three writes are one read, one write is many, and five gated bytes are five', async () => {
  const output = await outputOf('byte-stream')
  expect(cellsOf(output, 'three pieces').slice(1)).toEqual(['3', '1', '18'])
  expect(cellsOf(output, 'HELLO').slice(1)).toEqual(['5', '5', '1'])
  const [, writes, reads, longest] = cellsOf(output, 'a million bytes')
  expect(writes).toBe('1')
  // Node reads at most 64 KiB at once, so a million bytes take sixteen reads or more.
  expect(Number(reads)).toBeGreaterThanOrEqual(16)
  expect(Number(longest)).toBeLessThanOrEqual(65_536)
})

test.runIf(onLinux)('byte-stream: all is acknowledged before anything is read', async () => {
  const output = await outputOf('byte-stream')
  expect(output).toContain('in three pieces: 0 await acknowledgement,\n18 lie in the receive queue')
  expect(output).toContain('the program has read 0.')
})

test('four-tuple: three connections differ in the source port alone', async () => {
  const output = await outputOf('four-tuple')
  const tuples = ['first', 'second', 'third'].map((name) => cellsOf(output, name).slice(1))
  const column = (index: number): Set<string | undefined> => new Set(tuples.map((tuple) => tuple[index]))
  expect([0, 1, 2, 3].map((index) => column(index).size)).toEqual([1, 3, 1, 1])
})

test.runIf(onLinux)(
  'four-tuple: a fourth from the same port is refused to one server, and not to another',
  async () => {
    const output = await outputOf('four-tuple')
    expect(output).toMatch(/the same server, port \d+ {2,}EADDRNOTAVAIL\n/)
    expect(output).toMatch(/another server, port \d+ {2,}connected\n/)
  },
)

test('socket-calls: the handshake is over, and bytes are there, before the server accepts', async () => {
  const output = await outputOf('socket-calls')
  const lines = output.trim().split('\n')
  const kernel = 'its kernel   5 bytes acknowledged, and queued'
  expect(lines).toEqual([
    'server       listen',
    'server       stands still: it runs no line of code',
    'client       connect: the handshake is over',
    'client       write: 5 bytes',
    ...(onLinux ? [kernel] : []),
    'server       goes on',
    "server       accept: a new socket, its other end is the client's",
    'server       read: hello',
  ])
})

test('framed-reader: messages are whole however they come, and nothing is waited for without a limit', async () => {
  const output = await outputOf('framed-reader')
  const both = '{"cue":"grün"} | {"cue":"aus"}'
  for (const way of ['both in one piece', 'byte by byte', 'cut inside']) {
    expect(cellsOf(output, way).slice(1)).toEqual([both, 'FIN, in its place'])
  }
  const first = '{"cue":"grün"}'
  const cutShort = 'ended inside a message'
  expect(cellsOf(output, 'without the last byte').slice(1)).toEqual([first, cutShort])
  expect(cellsOf(output, 'the rest never comes').slice(1)).toEqual([first, 'no byte came for 3000 ms'])
  expect(cellsOf(output, 'HTTP instead').slice(1)).toEqual(['too long: 1195725856 bytes'])
})

test.runIf(hasCable)(
  'vanished-peer: who waits without a limit hears nothing, and the others hear different things',
  async () => {
    const output = await outputOf('vanished-peer')
    const heard = (who: string): string | undefined => cellsOf(output, who)[1]
    expect(heard('connect, to an address')).toBe('EHOSTUNREACH')
    expect(heard('connect, to the machine')).toBe('ETIMEDOUT')
    expect(heard('write')).toBe('ETIMEDOUT')
    expect(heard('wait, with keepalive')).toBe('ETIMEDOUT')
    expect(heard('wait, with a limit')).toBe('nothing came for 2000 ms')
    expect(cellsOf(output, 'wait  ').slice(1)).toEqual(['nothing, and it is open'])
    expect(output).toMatch(/ESTAB 0 14 .* timer:\(on,/)
    expect(output).toMatch(/ESTAB 0 0 .* timer:\(keepalive,/)
    expect(output).toMatch(/192\.0\.2\.99 .*FAILED/)
  },
)
