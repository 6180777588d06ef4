// Two machines lease addresses from a DHCP server, and one gives its address back: message by message.
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { decode, encode, type DhcpMessage, type DhcpOptions } from './parts/dhcp-message.ts'

const SERVER = '192.168.7.1'
const POOL = ['192.168.7.20', '192.168.7.21']
const NONE = '0.0.0.0'
const settings = {
  subnetMask: '255.255.255.0',
  router: SERVER,
  dns: '192.168.7.2',
  leaseTime: 3600,
}

// #region server
/** By address: its holder's hardware address. A real server takes back what has run out. */
const leases = new Map<string, string>()

function answer({ xid, chaddr, ciaddr, options }: DhcpMessage): DhcpMessage | null {
  const reply = (yiaddr: string, rest: DhcpOptions): DhcpMessage => {
    return {
      op: 2,
      xid,
      ciaddr: NONE,
      yiaddr,
      chaddr,
      options: { ...rest, serverIdentifier: SERVER },
    }
  }
  const mayHave = (address: string) => [undefined, chaddr].includes(leases.get(address))
  if (options.messageType === 'DHCPDISCOVER') {
    const free = POOL.find(mayHave)
    return free === undefined
      ? null
      : reply(free, { messageType: 'DHCPOFFER', ...settings })
  }
  if (options.messageType === 'DHCPREQUEST') {
    // The client has chosen another server.
    if ((options.serverIdentifier ?? SERVER) !== SERVER) return null
    // Whoever renews a lease names the address that it has.
    const wanted = options.requestedAddress ?? ciaddr
    if (!POOL.includes(wanted) || !mayHave(wanted))
      return reply(NONE, { messageType: 'DHCPNAK' })
    leases.set(wanted, chaddr)
    return reply(wanted, { messageType: 'DHCPACK', ...settings })
  }
  if (options.messageType === 'DHCPRELEASE' && leases.get(ciaddr) === chaddr)
    leases.delete(ciaddr)
  return null
}
// #endregion server

const server = await listen()
server.on('message', (bytes, { port }) => {
  const message = decode(bytes)
  const reply = answer(message)
  // On a real LAN most answers are broadcast, or sent to the hardware address: the PC has no address yet.
  if (reply) server.send(encode(reply), port, '127.0.0.1')
  else server.emit('noted', message)
})

const pc = { name: 'pc', chaddr: '02:00:00:00:00:0a', socket: await listen() }
const laptop = { name: 'laptop', chaddr: '02:00:00:00:00:0b', socket: await listen() }
type Machine = typeof pc
let xid = 0

heading('The PC starts')
const leased = await lease(pc)

heading('The laptop starts')
await lease(laptop)

heading('The laptop asks for the address that the PC holds')
await exchange(laptop, { messageType: 'DHCPREQUEST', requestedAddress: leased })

heading('The PC gives its address back; the laptop asks again')
const noted = once(server, 'noted')
send(pc, { messageType: 'DHCPRELEASE', serverIdentifier: SERVER }, leased)
await noted
await exchange(laptop, { messageType: 'DHCPREQUEST', requestedAddress: leased })

for (const socket of [server, pc.socket, laptop.socket]) socket.close()

// #region lease
/** Discover, offer, request, acknowledge. */
async function lease(machine: Machine): Promise<string> {
  xid += 1
  const offer = await exchange(machine, { messageType: 'DHCPDISCOVER' })
  const { serverIdentifier = NONE } = offer.options
  const requestedAddress = offer.yiaddr
  const grant = await exchange(machine, {
    messageType: 'DHCPREQUEST',
    requestedAddress,
    serverIdentifier,
  })
  return grant.yiaddr
}
// #endregion lease

async function exchange(machine: Machine, options: DhcpOptions): Promise<DhcpMessage> {
  const answered = once(machine.socket, 'message') as Promise<[Buffer]>
  send(machine, options, NONE)
  const [bytes] = await answered
  const message = decode(bytes)
  show('server', message)
  return message
}

function send(machine: Machine, options: DhcpOptions, ciaddr: string): void {
  const message: DhcpMessage = {
    op: 1,
    xid,
    ciaddr,
    yiaddr: NONE,
    chaddr: machine.chaddr,
    options,
  }
  show(machine.name, message)
  machine.socket.send(encode(message), server.address().port, '127.0.0.1')
}

function show(from: string, { ciaddr, yiaddr, options }: DhcpMessage): void {
  const { messageType, requestedAddress, leaseTime, dns } = options
  const facts = [
    ciaddr === NONE ? '' : `ciaddr ${ciaddr}`,
    requestedAddress === undefined ? '' : `requested ${requestedAddress}`,
    yiaddr === NONE ? '' : `yiaddr ${yiaddr}`,
    leaseTime === undefined ? '' : `${leaseTime} s`,
    dns === undefined ? '' : `dns ${dns}`,
  ]
  const shown = facts.filter((fact) => fact !== '').join(', ')
  console.log(`${from.padEnd(7)} ${messageType.padEnd(13)} ${shown}`.trimEnd())
}

function heading(text: string): void {
  console.log(`${xid > 0 ? '\n' : ''}${text}`)
}

async function listen(): Promise<Socket> {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return socket
}
