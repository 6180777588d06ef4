import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import net, { type AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import {
  inNetcatsWords,
  netcatHere,
  netcatNote,
  netcatOf,
  type Netcat,
} from '../../workbook/cli/try/netcat.ts'

/** The programs that are called nc, told apart by what they print for -h. */

const HELPS: ReadonlyArray<readonly [what: string, help: string, netcat: Netcat, line: string]> = [
  ["OpenBSD's", 'OpenBSD netcat (Debian patchlevel 1.219-1)\n\t\t-N\t\tShutdown the network socket after EOF on stdin\n', 'openbsd', 'nc -N 127.0.0.1 7'],
  ['the oldest', '[v1.10-47]\nconnect to somewhere:\tnc [-options] hostname port[s] [ports] ... \n\t-q secs\t\t\tquit after EOF on stdin and delay of secs\n', 'traditional', 'nc -q 1 127.0.0.1 7'],
  ["Nmap's", 'Ncat 7.94 ( https://nmap.org/ncat )\nUsage: ncat [options] [hostname] [port]\n      --no-shutdown          Continue half-duplex when receiving EOF on stdin\n', 'sends-fin', 'nc 127.0.0.1 7'],
  ["BusyBox's", 'BusyBox v1.36.1 multi-call binary.\n\nUsage: nc [-iN] [-wN] [-l] [-p PORT] [-f FILE|IPADDR PORT] [-e PROG]\n', 'sends-fin', 'nc 127.0.0.1 7'],
] // prettier-ignore

test.each(HELPS)('%s nc is known, and the line is in its words', (_, help, netcat, line) => {
  expect(netcatOf(help)).toBe(netcat)
  expect(inNetcatsWords('nc -N 127.0.0.1 7', netcat)).toBe(line)
})

test('where there is none, it says how to get one', () => {
  expect(netcatNote('missing')[0]).toContain('apt install netcat-openbsd')
  expect(inNetcatsWords('nc -N 127.0.0.1 7', 'missing')).toBe('nc -N 127.0.0.1 7')
})

const isHere = spawnSync('nc', ['-h']).error === undefined

test.runIf(isHere)('the line of this machine sends its FIN at the end of the input', async () => {
  const server = net.createServer({ allowHalfOpen: true })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const client = spawn('/bin/sh', [
    '-c',
    `printf hello | ${inNetcatsWords(`nc -N 127.0.0.1 ${port}`, netcatHere())}`,
  ])
  const [socket] = (await once(server, 'connection')) as [net.Socket]
  await once(socket.resume(), 'end')
  socket.end()
  await once(client, 'close')
  server.close()
})
