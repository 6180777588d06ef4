// Two PCs lease addresses from a DHCP server, and one gives its address back: message by message.
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { decode, encode, type DhcpMessage, type DhcpOptions } from './parts/dhcp-message.ts'

const SERVER = '192.168.7.1'
const POOL = ['192.168.7.20', '192.168.7.21']
const NONE = '0.0.0.0'
const settings = { subnetMask: '255.255.255.0', router: SERVER, dns: '192.168.7.2', leaseTime: 3600 }

// #region server
/** By address: the hardware address of its holder. A real server also takes back what has run out. */
const leases = new Map<string, string>()

function answer({ xid, chaddr, ciaddr, options }: DhcpMessage): DhcpMessage | null {
  const reply = (yiaddr: string, rest: DhcpOptions): DhcpMessage => {
    return { op: 2, xid, ciaddr: NONE, yiaddr, chaddr, options: { ...rest, serverIdentifier: SERVER } }
  }
  const mayHave = (address: string) => [undefined, chaddr].includes(leases.get(address))
  if (options.messageType === 'DHCPDISCOVER') {
    const free = POOL.find(mayHave)
    return free === undefined ? null : reply(free, { messageType: 'DHCPOFFER', ...settings })
  }
  if (options.messageType === 'DHCPREQUEST') {
    const wanted = options.requestedAddress ?? NONE
    if (!POOL.includes(wanted) || !mayHave(wanted)) return reply(NONE, { messageType: 'DHCPNAK' })
    leases.set(wanted, chaddr)
    return reply(wanted, { messageType: 'DHCPACK', ...settings })
  }
  if (options.messageType === 'DHCPRELEASE' && leases.get(ciaddr) === chaddr) leases.delete(ciaddr)
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

const reader = { name: 'reader', chaddr: '02:00:00:00:00:0a', socket: await listen() }
const workshop = { name: 'workshop', chaddr: '02:00:00:00:00:0b', socket: await listen() }
type Pc = typeof reader
let xid = 0

heading('The reader starts')
const leased = await lease(reader)

heading('The workshop starts')
await lease(workshop)

heading('The workshop asks for the address that the reader holds')
await exchange(workshop, { messageType: 'DHCPREQUEST', requestedAddress: leased })

heading('The reader gives its address back; the workshop asks again')
const noted = once(server, 'noted')
send(reader, { messageType: 'DHCPRELEASE', serverIdentifier: SERVER }, leased)
await noted
await exchange(workshop, { messageType: 'DHCPREQUEST', requestedAddress: leased })

for (const socket of [server, reader.socket, workshop.socket]) socket.close()

// #region lease
/** Discover, offer, request, acknowledge. */
async function lease(pc: Pc): Promise<string> {
  xid += 1
  const offer = await exchange(pc, { messageType: 'DHCPDISCOVER' })
  const { serverIdentifier = NONE } = offer.options
  const requestedAddress = offer.yiaddr
  const grant = await exchange(pc, { messageType: 'DHCPREQUEST', requestedAddress, serverIdentifier })
  return grant.yiaddr
}
// #endregion lease

async function exchange(pc: Pc, options: DhcpOptions): Promise<DhcpMessage> {
  const answered = once(pc.socket, 'message') as Promise<[Buffer]>
  send(pc, options, NONE)
  const [bytes] = await answered
  const message = decode(bytes)
  show('server', message)
  return message
}

function send(pc: Pc, options: DhcpOptions, ciaddr: string): void {
  const message: DhcpMessage = { op: 1, xid, ciaddr, yiaddr: NONE, chaddr: pc.chaddr, options }
  show(pc.name, message)
  pc.socket.send(encode(message), server.address().port, '127.0.0.1')
}

function show(from: string, { ciaddr, yiaddr, options }: DhcpMessage): void {
  const { messageType, requestedAddress, leaseTime, dns } = options
  const facts = [
    ciaddr === NONE ? '' : `ciaddr ${ciaddr}`,
    requestedAddress === undefined ? '' : `requested ${requestedAddress}`,
    yiaddr === NONE ? '' : `yiaddr ${yiaddr}`,
    leaseTime === undefined ? '' : `for ${leaseTime} s`,
    dns === undefined ? '' : `dns ${dns}`,
  ]
  const shown = facts.filter((fact) => fact !== '').join(', ')
  console.log(`${from.padEnd(9)} ${messageType.padEnd(13)} ${shown}`.trimEnd())
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
