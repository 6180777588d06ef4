import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import net, { type AddressInfo } from 'node:net'
import { describe, expect as expectNow, test as plain } from 'vitest'
import { root } from '../../workbook/bundle/root.ts'
import type { TryProgram } from '../../workbook/grading/try-it.ts'
import { loadTryIt } from '../../workbook/cli/try/ways.ts'
import { readCourse } from '../../workbook/course/course.ts'
import { Relay } from '../../workbook/wire/relay.ts'
import { Transcript } from '../../workbook/wire/transcript.ts'
import { ended, test, type Checkout } from './checkout.ts'
import { GREETING } from './greeting-lab.ts'
import { processesOf, until } from './processes.ts'

/** `npm run try`: a program in real time, for somebody's own hands. */

const ENTRY = 'labs/42-greeting/greeting.ts'
const TRY_IT = `import type { TryIt } from '../../workbook/grading/try-it.ts'

export default {
  server: {
    says: 'your greeter, by the name of Ada',
    serve: () => ['serveGreeting', { name: 'Ada' }],
    poke: [['nc 127.0.0.1 PORT', 'it speaks first']],
  },
  client: {
    says: 'nothing that this lab has',
    peer: { name: 'server', reads: 'bytes', answer: (bytes) => bytes },
    async run(program, { port }, say) {
      say(String(await program.call('dial', port)))
    },
  },
} satisfies TryIt
`

function listen(child: ChildProcess) {
  let heard = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (heard += text))
  return async (words: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const match = words.exec(heard)
      if (match) return match
      await once(child.stdout as NodeJS.ReadableStream, 'data')
    }
  }
}

function greeter(checkout: Checkout, program = GREETING): void {
  checkout.write('test/labs/42-greeting/by-hand.ts', TRY_IT)
  checkout.write(ENTRY, program)
}

async function dial(port: number): Promise<net.Socket> {
  const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  await once(socket, 'connect')
  return socket
}

/** A server of ours at one end, a client at the other, and what the relay has told. */
async function joined(onServer: (socket: net.Socket) => void) {
  const transcript = new Transcript()
  const server = net.createServer({ allowHalfOpen: true }, onServer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const to = (server.address() as AddressInfo).port
  const relay = await Relay.open({ lane: 'client', to, transcript })
  const told = (): string[] =>
    transcript.events.map((event) => ('from' in event ? `${event.from} ${event.kind}` : event.kind))
  const close = (): void => {
    relay.close()
    server.close()
  }
  return { client: await dial(relay.port), told, close }
}

describe.concurrent('a server', () => {
  test('is poked through a relay, and its wire is told as it happens', async ({ checkout, expect }) => {
    greeter(checkout)
    const child = checkout.start('try 42')
    const run = ended(child)
    const says = listen(child)
    await says(/^Lab 42, server: your greeter, by the name of Ada\nalso {6}npm run try -- 42 client\n/)
    const port = Number((await says(/\n {2}nc 127\.0\.0\.1 (\d+)\n {6}it speaks first\n/))[1])
    const socket = await dial(port)
    const [greeting] = (await once(socket, 'data')) as [Buffer]
    expect(greeting.toString()).toBe('hello from Ada\r\n')
    await says(/ s {3}│◀── #1 SYN ─+│\n.* s {3}│─── #1 hello from Ada\\r\\n \(16 B\) ─+▶│\n/)
    socket.end('bye')
    await once(socket, 'end')
    await says(/│◀── #1 bye \(3 B\) ─+│\n.*│◀── #1 FIN ─+│\n.*│─── #1 FIN ─+▶│\n/)
    const second = await dial(port)
    await once(second, 'data')
    second.resetAndDestroy()
    await says(/│✗── #2 RST ─+│\n/)
    child.kill('SIGINT')
    expect((await run).stderr).toBe('')
  })

  test('has real time: what it waits for comes by itself', async ({ checkout }) => {
    const later = "setTimeout(() => socket.write('later'), 20)"
    greeter(checkout, GREETING.replace("socket.once('end'", `${later}\n    socket.once('end'`))
    const child = checkout.start('try 42 server')
    const says = listen(child)
    const socket = await dial(Number((await says(/nc 127\.0\.0\.1 (\d+)/))[1]))
    await says(/─── #1 later \(5 B\) ─+▶│/)
    socket.destroy()
    child.kill()
    await once(child, 'exit')
  })

  test('that ends says why and where', async ({ checkout, expect }) => {
    greeter(checkout, GREETING.replace("socket.once('end'", "throw new Error('oh')\n    socket.once('end'"))
    const child = checkout.start('try 42')
    const run = ended(child)
    const says = listen(child)
    const socket = await dial(Number((await says(/nc 127\.0\.0\.1 (\d+)/))[1]))
    socket.on('error', () => undefined)
    const { code, stdout } = await run
    expect(stdout).toMatch(
      /\nYour program has ended \(crashed\): uncaught Error: oh\nat .*greeting\.ts:\d+:\d+\n/,
    )
    expect(code).toBe(1)
  })

  test('that is not written says so, and one that does not compile shows the place', async ({
    checkout,
    expect,
  }) => {
    checkout.write('test/labs/42-greeting/by-hand.ts', TRY_IT)
    const untouched = await checkout.run('try 42')
    expect(untouched.stdout).toMatch(/\nThis part is not written yet: .*serveGreeting.*\n/)
    checkout.write(ENTRY, 'const = 3\n')
    const broken = await checkout.run('try 42')
    expect(broken.stderr).toMatch(/^greeting\.ts:1:7: Expected identifier[\s\S]*Next: npm run grade -- 42\n/)
    expect([untouched.code, broken.code]).toEqual([1, 2])
  })
})

describe.concurrent('try', () => {
  test("runs a lab's client against a peer, to its end", async ({ checkout, expect }) => {
    const { code, stdout, stderr } = await checkout.run('try 01 --solutions')
    expect(stdout).toMatch(/^Lab 01, client \(the reference\): your fetchOnce/)
    expect(stdout).toMatch(/│─── #1 SYN ─+▶│\n[\s\S]*│─── #1 GET \/tide HTTP\/1\.1/)
    expect(stdout).toMatch(/fetchOnce\(\) resolved with 200 and 24 bytes/)
    expect([code, stderr]).toEqual([0, ''])
  })

  test('of a lab that has nothing to try, or not that, says so', async ({ checkout, expect }) => {
    const nothing = await checkout.run('try 42')
    greeter(checkout)
    const other = await checkout.run('try 42 proxy')
    expect(nothing.stderr).toMatch(/^Lab 42 has nothing to try by hand\.\n[\s\S]*\(E_NO_TRY\)\n$/)
    expect(other.stderr).toBe(
      'Lab 42 can be tried as server, client, not as "proxy".\nNext: npm run try -- 42 server\n(E_UNKNOWN_WAY)\n',
    )
    expect([nothing.code, other.code]).toEqual([2, 2])
  })
})

// Only Linux shows the processes of others in /proc.
describe.runIf(process.platform === 'linux')('nothing is left behind', () => {
  test.for(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('after %s', async (name, { checkout, signal }) => {
    checkout.unshareCache()
    greeter(checkout)
    const child = checkout.start('try 42')
    await listen(child)(/Ctrl-C ends it/)
    child.kill(name)
    await until(() => processesOf(checkout.root).length === 0, signal)
  })
})

describe('a relay', () => {
  plain('hands on what comes, and each end as it was ended', async () => {
    const { client, told, close } = await joined((socket) => {
      socket.on('data', (bytes) => socket.write(bytes)).on('end', () => socket.end())
    })
    client.end('once')
    const [echo] = (await once(client, 'data')) as [Buffer]
    await once(client, 'end')
    expectNow(echo.toString()).toBe('once')
    // The two directions are told as they come: only the order within each counts.
    const [peer, you] = ['peer', 'you'].map((side) => told().filter((each) => each.startsWith(side)))
    expectNow(peer).toEqual(['peer connect', 'peer data', 'peer fin'])
    expectNow(you).toEqual(['you data', 'you fin'])
    close()
  })

  plain('hands on a reset, and tells it from a FIN', async () => {
    const { client, told, close } = await joined(
      (socket) => void socket.once('data', () => socket.resetAndDestroy()),
    )
    client.on('data', () => undefined).write('now')
    const [error] = (await once(client, 'error')) as [NodeJS.ErrnoException]
    expectNow(error.code).toBe('ECONNRESET')
    expectNow(told()).toEqual(['peer connect', 'peer data', 'you rst'])
    close()
  })

  plain('hands on the reset that answers bytes behind the end', async ({ signal }) => {
    const { client, told, close } = await joined((socket) => void socket.once('data', () => socket.destroy()))
    client.on('data', () => undefined).write('first')
    await once(client, 'end')
    client.write('late')
    await until(() => told().includes('you rst'), signal)
    // Nobody reads from a socket that has ended: the reset shows to the next write.
    client.write('later still')
    const [error] = (await once(client, 'error')) as [NodeJS.ErrnoException]
    expectNow(['ECONNRESET', 'EPIPE']).toContain(error.code)
    expectNow(told()).toEqual(['peer connect', 'peer data', 'you fin', 'peer data', 'you rst'])
    close()
  })
})

describe.each(readCourse(root).labs)('lab $number', (lab) => {
  plain('says how it is tried', async () => {
    const ways = await loadTryIt(root, lab)
    for (const way of Object.values(ways)) {
      expectNow(way.says).toMatch(/^your \w/)
      const make = (() => Promise.resolve({})) as unknown as TryProgram['make']
      const served = 'serve' in way ? await way.serve({ host: '127.0.0.1', port: 1 }, {}, make) : []
      const [name = lab.exports[0]] = served
      expectNow(lab.exports).toContain(name)
    }
  })
})
