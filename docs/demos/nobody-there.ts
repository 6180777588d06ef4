// Three ways not to connect on a LAN: no program there, no machine there, and a machine that says nothing.
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { inOwnNetwork, ip } from './parts/own-network.ts'
import { printTable } from './parts/table.ts'

const CABLE = 'ip link add lan type veth peer name switch'
const OURS = '192.168.7.10'
const ABSENT = '192.168.7.99'
const SILENT = '192.168.7.50'

await inOwnNetwork(async () => {
  ip(...CABLE.split(' ').slice(1))
  ip('addr', 'add', `${OURS}/24`, 'dev', 'lan')
  ip('link', 'set', 'lan', 'up')
  ip('link', 'set', 'switch', 'up')
  // Packets for this address leave, to a card that is not there.
  ip('neigh', 'add', SILENT, 'lladdr', '02:00:00:00:00:50', 'dev', 'lan')
  writeFileSync('/proc/sys/net/ipv4/tcp_syn_retries', '2')
  const rows = await Promise.all([
    rowOf('a machine, no program on port 80', OURS),
    rowOf('no machine', ABSENT),
    rowOf('a machine that drops everything', SILENT),
  ])
  printTable(['there is', 'address', 'connect says', 'after', 'ip neigh'], rows)
}, CABLE)

async function rowOf(what: string, host: string): Promise<string[]> {
  const begin = performance.now()
  const [error] = (await once(connect({ host, port: 80 }), 'error')) as [
    NodeJS.ErrnoException,
  ]
  const seconds = Math.floor((performance.now() - begin) / 1000)
  return [what, host, error.code ?? error.message, `${seconds} s`, neighbour(host)]
}

/** What the kernel has learned of the hardware address; of itself it needs none. */
function neighbour(host: string): string {
  const { stdout } = spawnSync('ip', ['neigh', 'show', host], { encoding: 'utf8' })
  return stdout.trim().split(' ').at(-1) || '-'
}
