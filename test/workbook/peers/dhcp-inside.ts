import { spawnSync, spawn } from 'node:child_process'
import { syncBuiltinESMExports } from 'node:module'
import { createInterface } from 'node:readline'
import timers from 'node:timers/promises'
import { Resolver } from '../../../solutions/02-name-resolution/resolver.ts'
import { Lease, visit, type Configuration } from '../../../solutions/20-first-contact/first-contact.ts'

/**
 * Runs as the owner of a network without any other: it lays a cable to a second one, in which dnsmasq hands out
 * addresses, and leases one. What happens is printed, one JSON a line.
 */

const SERVER = '192.168.7.1'
const [dnsmasq = 'dnsmasq', ...more] = process.argv.slice(2)
const lines: string[] = []

// A network of its own, and a cable between them.
const server = spawn('unshare', ['--net', 'sh', '-c', inTheOtherNetwork()], {
  stdio: ['pipe', 'ignore', 'pipe'],
})
const log = createInterface({ input: server.stderr })
log.on('line', (line) => lines.push(line))
await heard(/ready/)
ip('link', 'add', 'lan', 'type', 'veth', 'peer', 'name', 'switch')
ip('link', 'set', 'switch', 'netns', String(server.pid))
ip('link', 'set', 'lan', 'up')
routeToAll()
server.stdin.write('\n')
await heard(/started, version/)
while (!ip('link', 'show', 'lan').includes('LOWER_UP'));

// Half an hour of a lease is over in a second, once there is a lease.
let [speed, base, since] = [1, 0, 0]
const now = (): number => base + (performance.now() - since) * speed
const { setTimeout: pause } = timers
timers.setTimeout = (milliseconds, ...rest) => pause((milliseconds ?? 0) / speed, ...rest)
syncBuiltinESMExports()
const hurry = (by: number): void => void ([base, since, speed] = [now(), performance.now(), by])

const options = {
  server: { host: '255.255.255.255', port: 67 },
  clientPort: 68,
  mac: hardwareAddress(),
  now,
  random: () => Math.random(),
  inUse: async () => {
    hurry(2_000)
    return false
  },
}

const changes: Array<Configuration | null> = []
let changed: () => void = () => undefined
const lease = new Lease({ ...options, onChange: (each) => (changes.push(each), changed()) })
const held = await lease.begin()
tell('leased', held)
ip('addr', 'add', `${held.address}/24`, 'dev', 'lan')
if (changes.length === 0) await new Promise<void>((resolve) => void (changed = resolve))
tell('renewed', changes[0] && { ...changes[0], isLater: changes[0].expiresAt > held.expiresAt })
await lease.release()
hurry(1)
await heard(/DHCPRELEASE/)
ip('addr', 'del', `${held.address}/24`, 'dev', 'lan')
routeToAll()

const journey = await visit({
  url: 'http://prices.lan/',
  lease: { ...options, random: () => 0.5, inUse: (address) => Promise.resolve(configure(address)) },
  async resolve(name, servers) {
    const places = servers.map((host) => ({ host, port: 53 }))
    const resolver = new Resolver({ servers: places, timeoutMs: 5_000, attempts: 2, now: options.now })
    const { addresses } = await resolver.resolve(name, 'A')
    await resolver.close()
    return addresses[0] ?? ''
  },
  ca: '',
})
const { stages, failure } = journey
tell('visited', { stages, failure })
await heard(/DHCPRELEASE[^]*DHCPRELEASE/)
tell(
  'log',
  lines.flatMap((line) => /DHCP[A-Z]+\(/.exec(line)?.[0] ?? []),
)
server.kill()

// --- internal ---

/** Where a machine without an address sends what is for all; it goes with the last address. */
function routeToAll(): void {
  ip('route', 'replace', '255.255.255.255', 'dev', 'lan')
}

function tell(what: string, value: unknown): void {
  process.stdout.write(`${JSON.stringify({ what, value })}\n`)
}

/** A machine that has just been given an address takes it before it goes on. */
function configure(address: string): boolean {
  ip('addr', 'add', `${address}/24`, 'dev', 'lan')
  return false
}

function ip(...words: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync('ip', words, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`ip ${words.join(' ')}: ${stderr}`)
  return stdout
}

function hardwareAddress(): string {
  return /link\/ether (\S+)/.exec(ip('link', 'show', 'lan'))?.[1] ?? ''
}

function inTheOtherNetwork(): string {
  const range = '--dhcp-range=192.168.7.20,192.168.7.29,255.255.255.0,1h'
  const said = ['--dhcp-option=3,192.168.7.1', '--host-record=prices.lan,192.168.7.1']
  const quiet = ['--keep-in-foreground', '--conf-file=/dev/null', '--no-resolv', '--no-hosts', '--no-ping']
  const places = [
    '--interface=switch',
    '--except-interface=lo',
    '--log-facility=-',
    '--log-dhcp',
    '--user=root',
    '--group=',
  ]
  const files = ['--dhcp-leasefile=/dev/null', '--leasefile-ro', '--pid-file=', '--dhcp-authoritative']
  const all = [dnsmasq, ...quiet, ...places, ...files, range, ...said, ...more]
  return `echo ready >&2; read go; ip addr add ${SERVER}/24 dev switch; ip link set switch up; ip link set lo up; exec ${all.join(' ')}`
}

/** Waits until the server has said so. */
async function heard(words: RegExp): Promise<void> {
  while (!words.test(lines.join('\n')))
    await new Promise<void>((resolve, reject) => {
      log.once('line', () => resolve())
      log.once('close', () => reject(new Error(`the server is gone:\n${lines.join('\n')}`)))
    })
}
