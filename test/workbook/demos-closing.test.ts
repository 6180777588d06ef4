import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { root } from '../../workbook/bundle/root.ts'

/** The demos of the chapters on closing and on the LAN: what they print is what the chapters quote. */

test('lost-answers: only the close that reads on delivers twelve responses past one request too many', async () => {
  expect.assertions(2)
  const rows = await tableOf('lost-answers', 4)
  const arrived = rows.map(([close, late, count]) => [close, Number(late), Number(count?.split(' ')[0])])
  const safe = arrived.filter(([close, late]) => close === 'end(), and read on' || late === 0)
  expect(safe).toEqual([
    ['destroy()', 0, 12],
    ['destroySoon()', 0, 12],
    ['end(), and read on', 0, 12],
    ['end(), and read on', 1, 12],
    ['end(), and read on', 2, 12],
  ])
  // How many are lost depends on the receive window; that some are does not.
  const careless = arrived.filter((row) => !safe.includes(row))
  expect(careless.map(([close, late, count]) => [close, late, Number(count) < 12])).toEqual([
    ['destroy()', 1, true],
    ['destroy()', 2, true],
    ['destroySoon()', 1, true],
    ['destroySoon()', 2, true],
  ])
})

test('distant-loss: over a path with a round trip, responses of 4 kB are lost to one late request', async ({
  skip,
}) => {
  const output = await outputOf('distant-loss')
  skip(output.startsWith('This demo needs'), 'no network of its own, or no python3, on this machine')
  const rows = rowsOf(output, 6)
  expect(rows.map(([close, late, size]) => [close, late, size])).toEqual([
    ['destroySoon()', '0', '4000'],
    ['destroySoon()', '1', '500'],
    ['destroySoon()', '1', '4000'],
    ['destroySoon()', '1', '6000'],
    ['end(), and read on', '1', '6000'],
  ])
  const whole = rows.map(([, , , count]) => Number(count?.split(' ')[0]))
  // How many cross before the late request depends on the system's first window; that some do not, does not.
  expect(whole.map((count) => count === 12)).toEqual([true, true, false, false, true])
})

test('refused-upload: the careless server is not understood, and Expect sends nothing in vain', async () => {
  expect.assertions(1)
  expect(await tableOf('refused-upload', 5)).toEqual([
    ['careless', 'sends all, then reads', '8000000', 'a part', 'nothing: a reset'],
    ['graceful', 'sends all, then reads', '8000000', 'all', '413 Content Too Large'],
    ['graceful', 'reads while it sends', '8000000', 'a part', '413 Content Too Large'],
    ['graceful', 'Expect: 100-continue', '8000000', 'none', '413 Content Too Large'],
    ['graceful', 'Expect: 100-continue', '800000', 'all', '201 Created'],
  ])
})

test('half-close: without allowHalfOpen not a byte of the answer comes', async () => {
  expect.assertions(1)
  expect(await tableOf('half-close', 2)).toEqual([
    ['false', '0', 'EPIPE'],
    ['true', '20', 'ok'],
  ])
})

test('fin-or-reset: the write of nothing tells them apart, whatever Node said', async () => {
  expect.assertions(1)
  const rows = await tableOf('fin-or-reset', 4)
  // The middle columns belong to the version of Node: some report the reset at once.
  expect(rows.map((row) => [row[0], row.at(-1)])).toEqual([
    ['end()', 'FIN'],
    ['destroy(), all read', 'FIN'],
    ['destroy(), unread', 'RST'],
    ['resetAndDestroy()', 'RST'],
  ])
})

test('errors: a write hears EPIPE after a FIN and a reset, ECONNRESET after a reset alone', async () => {
  expect.assertions(1)
  expect(await tableOf('errors', 3)).toEqual([
    ['closed its output only: FIN', 'ok', 'ok'],
    ['closed fully, all read: FIN', 'ok', 'EPIPE'],
    ['closed fully, unread: RST', 'ECONNRESET', 'ERR_STREAM_DESTROYED'],
    ['reset the connection: RST', 'ECONNRESET', 'ERR_STREAM_DESTROYED'],
  ])
})

test('truncation: a missed length is incomplete; without one, a killed server and a cut TLS look complete', async () => {
  expect.assertions(1)
  expect(await tableOf('truncation', 5)).toEqual([
    ['Content-Length: 50', 'FIN', '50', 'true', 'none'],
    ['Content-Length: 100', 'FIN', '50', 'false', 'response: aborted'],
    ['chunked, no end', 'FIN', '50', 'false', 'response: aborted'],
    ['none', 'FIN', '50', 'true', 'none'],
    ['none', 'killed: FIN', '50', 'true', 'none'],
    ['none, over TLS', 'cut: FIN', '50', 'true', 'none'],
    ['none', 'RST', '50', 'true', 'request: read ECONNRESET'],
  ])
})

test('name-and-address: by address the default page, by name the site; the certificate covers the name', async () => {
  expect.assertions(1)
  expect(await tableOf('name-and-address', 4)).toEqual([
    ['http://127.0.0.1/', '127.0.0.1', '-', '200 the default page'],
    ['http://prices.lan/', 'prices.lan', '-', '200 the price list'],
    ['https://127.0.0.1/', '-', '-', 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['https://prices.lan/', 'prices.lan', 'prices.lan', '200 the price list'],
  ])
})

test('nobody-there: no program refuses, no machine is no route, and a machine that says nothing takes longest', async ({
  skip,
}) => {
  const output = await outputOf('nobody-there')
  skip(output.startsWith('This demo needs'), 'no network of its own on this machine')
  const rows = output.trimEnd().split('\n').slice(1)
  expect(rows.map((row) => row.split(/ {2,}/).filter((_, column) => column !== 3))).toEqual([
    ['a machine, no program on port 80', '192.168.7.10', 'ECONNREFUSED', '-'],
    ['no machine', '192.168.7.99', 'EHOSTUNREACH', 'FAILED'],
    ['a machine that drops everything', '192.168.7.50', 'ETIMEDOUT', 'PERMANENT'],
  ])
})

test('dhcp: two machines get two addresses, a held one is refused, and a released one is free', async () => {
  expect.assertions(1)
  const lines = (await outputOf('dhcp')).split('\n').filter((line) => line.includes(' DHCP'))
  const [first, second] = ['192.168.7.20', '192.168.7.21']
  const settings = '3600 s, dns 192.168.7.2'
  const lease = (pc: string, address: string) => [
    [pc, 'DHCPDISCOVER'],
    ['server', 'DHCPOFFER', `yiaddr ${address}, ${settings}`],
    [pc, 'DHCPREQUEST', `requested ${address}`],
    ['server', 'DHCPACK', `yiaddr ${address}, ${settings}`],
  ]
  expect(lines.map((line) => /^(\S+) +(\S+)(?: +(.*))?$/.exec(line)?.slice(1).filter(Boolean))).toEqual([
    ...lease('pc', first),
    ...lease('laptop', second),
    ['laptop', 'DHCPREQUEST', `requested ${first}`],
    ['server', 'DHCPNAK'],
    ['pc', 'DHCPRELEASE', `ciaddr ${first}`],
    ['laptop', 'DHCPREQUEST', `requested ${first}`],
    ['server', 'DHCPACK', `yiaddr ${first}, ${settings}`],
  ])
})

test('dns: an unknown name, then the query and the answer of 28 and 44 bytes, which node:dns reads too', async () => {
  expect.assertions(4)
  const output = await outputOf('dns')
  expect(output).toMatch(/^not registered {3}prices\.lan -> no such name\n/)
  const bytes = output.match(/^ +\d+ {2}(?:[0-9a-f]{2}(?: |$))+/gm) ?? []
  const hex = bytes.map((line) => line.replace(/^ +\d+/, '').replaceAll(' ', '')).join('')
  const question = '06707269636573036c616e0000010001'
  expect(hex).toBe(
    `100201000001000000000000${question}` +
      `100285000001000100000000${question}c00c000100010000012c0004c0a80703`,
  )
  expect(output).toContain('the query, 28 bytes')
  expect(output).toMatch(/\nnode:dns asks the same server: 192\.168\.7\.3\n$/)
})

/** The cells of a printed table, without its heading: columns stand under each other, some with single spaces. */
async function tableOf(demo: string, columns: number): Promise<string[][]> {
  return rowsOf(await outputOf(demo), columns)
}

function rowsOf(output: string, columns: number): string[][] {
  const [heading = '', ...lines] = output.trimEnd().split('\n')
  const starts = [...heading.matchAll(/(?:^| {2,})(?=\S)/g)].map((match) => match.index + match[0].length)
  const rows = lines.map((line) =>
    starts.map((start, column) => line.slice(start, starts[column + 1]).trim()),
  )
  for (const row of rows) if (row.length < columns) throw new Error(`a demo printed ${JSON.stringify(row)}`)
  return rows
}

async function outputOf(demo: string): Promise<string> {
  const run = promisify(execFile)
  const tsx = path.join(root, 'node_modules/tsx/dist/cli.mjs')
  const { stdout } = await run(process.execPath, [tsx, 'docs/demos/run.ts', demo], { cwd: root })
  return stdout
}
