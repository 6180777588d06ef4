// A benchmark that runs out of ports, in a network of its own with 32 of them, and the one change that saves it.
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { print, printTable } from './parts/table.ts'

/** Outside of the usual range, in which the demo's servers listen. */
const PORTS = { first: 20_000, last: 20_031 }
const COUNT = PORTS.last - PORTS.first + 1
const MOST = 100

/** A user and a network of our own: what we set there ends with it. */
const OWN_NETWORK = ['--user', '--map-root-user', '--net', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh']

interface Result {
  readonly opened: number
  readonly refusal: string | null
  readonly again: number | null
}

function inOwnNetwork(command: readonly string[]): string | null {
  const { status, stdout } = spawnSync('unshare', [...OWN_NETWORK, ...command], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return status === 0 ? stdout : null
}

function rowOf(closer: string, { opened, refusal }: Result): string[] {
  return [closer, `${opened} of ${MOST}`, refusal ?? 'no refusal']
}

const program = path.join(import.meta.dirname, 'parts', 'port-user.ts')
const allowed = inOwnNetwork(['true']) !== null
const said = allowed
  ? inOwnNetwork([process.execPath, ...process.execArgv, program, `${PORTS.first} ${PORTS.last}`, `${MOST}`])
  : null
if (said === null) {
  print('This demo needs a network of its own, which only Linux gives, and only where it lets users have one')
  print('(`unshare --user --map-root-user --net true` tells); the page shows what it prints.')
} else {
  const { client, server } = JSON.parse(said) as { client: Result; server: Result }
  print(`${COUNT} ports, and ${MOST} connections to one server, one after the other:`)
  print()
  printTable(
    ['who closes first', 'opened', 'then'],
    [rowOf('the client', client), rowOf('the server', server)],
  )
  print()
  if (client.again !== null) {
    print(`After ${(client.again / 1000).toFixed(1)} s more, a waiting port was used again.`)
  }
}
