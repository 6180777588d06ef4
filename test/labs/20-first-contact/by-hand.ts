import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { textResponse, type TryIt } from '../../../workbook/grading/try-it.ts'
import { address, END, messageOf, optionBytes, read, seconds } from './wire-format.ts'

/** On this machine it is the LAN, its DHCP server and its web server at once. */
const HERE = '127.0.0.1'
const LEASED = '192.168.7.20'

const peer = {
  name: 'server',
  reads: 'http',
  answer: ({ words: [method, target] }) => textResponse(`the answer to ${method} ${target}`),
} as const satisfies TryIt[string]['peer']

export default {
  visit: {
    says: 'your visit() leases an address of a server of ours, fetches a page, and gives the address back',
    peer,
    async run(program, { port }, say) {
      const server = createSocket('udp4').bind(port, HERE)
      await once(server, 'listening')
      server.on('message', (bytes, from) => {
        const seen = read(bytes)
        say(seen ? `DHCP${seen.type} came` : `${bytes.length} bytes came that are no message of DHCP`)
        if (seen?.type === 'DISCOVER' || seen?.type === 'REQUEST')
          server.send(answerTo(seen.xid, seen.chaddr, seen.type), from.port, from.address)
      })
      const lease = {
        server: { host: HERE, port },
        clientPort: 0,
        mac: '02:00:00:00:00:0a',
        now: program.clock,
        // A number is enough that differs from run to run: only the `xid` and the waits are drawn with it.
        random: program.clock,
        inUse: () => false,
      }
      const url = `http://${HERE}:${port}/prices`
      const journey = await program.call<Journey>('visit', { url, lease, resolve: () => HERE, ca: '' })
      say(`visit() resolved: ${journey.stages.join(', ')}`)
      if (journey.failure) say(`it failed: ${journey.failure.code}`)
      server.close()
    },
  },
} satisfies TryIt

// --- internal ---

interface Journey {
  readonly stages: readonly string[]
  readonly failure: { readonly code: string } | null
}

function answerTo(xid: number, chaddr: string, type: 'DISCOVER' | 'REQUEST'): Buffer {
  const options = optionBytes(
    [53, Buffer.of(type === 'DISCOVER' ? 2 : 5)],
    [54, address(HERE)],
    [51, seconds(3_600)],
  )
  return messageOf({ xid, chaddr, yiaddr: LEASED, tail: Buffer.concat([options, END]) })
}
