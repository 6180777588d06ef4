import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import net, { type AddressInfo } from 'node:net'
import { describe } from 'vitest'
import { ended, test } from './checkout.ts'
import { GREETING } from './greeting-lab.ts'
import { learnersOf, readProcess, until } from './processes.ts'

/** The command line among other processes: pipes, an interrupt, a debugger. */

const ENTRY = 'labs/42-greeting/greeting.ts'

describe.concurrent('a pipe', () => {
  test.for(['grade 01 R4 --solutions --json', 'list', 'hint 42', 'nonsense 2>&1'])(
    'whose reader goes early harms nothing: %s',
    async (args, { checkout, expect }) => {
      const expected = args.startsWith('nonsense') ? 2 : 0
      const { stderr } = await checkout.shell(`{ workbook ${args}; echo "exit $?" >&2; } | true`)
      expect(stderr).toBe(`exit ${expected}\n`)
    },
  )

  test('gives its reader the first line', async ({ checkout, expect }) => {
    const { stdout, stderr } = await checkout.shell('workbook grade 42 | head -n 1')
    expect(stdout).toBe('Lab 42  A server that speaks first\n')
    expect(stderr).toBe('')
  })
})

// Only Linux shows the processes of others in /proc.
describe.runIf(process.platform === 'linux')('an interrupt', () => {
  test.for(['SIGINT', 'SIGTERM'] as const)(
    'with %s leaves no learner process behind',
    async (name, { checkout, expect, signal, onTestFinished }) => {
      checkout.write(ENTRY, GREETING.replace('server.listen', 'for (;;) {}\n  server.listen'))
      checkout.unshareCache()
      const child = checkout.start('grade 42')
      const run = ended(child)
      onTestFinished(() => learnersOf(checkout.root).forEach((pid) => process.kill(Number(pid), 'SIGKILL')))
      await until(() => learnersOf(checkout.root).some((pid) => cpuSeconds(pid) > 0.5), signal)
      child.kill(name)
      const { code } = await run
      await until(() => learnersOf(checkout.root).length === 0, signal)
      expect(code).toBe(130)
    },
  )
})

describe.concurrent('debug', () => {
  test("waits for a debugger, stops in the learner's own line, and goes on", async ({
    checkout,
    expect,
    signal,
    onTestFinished,
  }) => {
    checkout.write(ENTRY, GREETING)
    const port = await freePort()
    const child = checkout.start(`debug 42 R1 --port ${port}`)
    const run = ended(child)
    await until(() => accepts(port), signal)
    const inspector = spawn(process.execPath, ['inspect', `127.0.0.1:${port}`], { cwd: checkout.root })
    onTestFinished(() => void [child, inspector].map((each) => each.kill()))
    const says = listenTo(inspector)
    await says(/break in labs\/42-greeting\/greeting\.ts:\d+\n(?:.*\n)*> *\d+ +const server = /)
    inspector.stdin.write('exec options.name\n')
    await says(/'\w+'\n/)
    inspector.stdin.write('cont\n')
    const { code, stdout } = await run
    expect(stdout).toContain(`Waiting for a debugger on 127.0.0.1:${port} at each check`)
    expect(stdout).toMatch(/\nCheck 1 of \d+, [^\n]*: passed\./)
    expect(stdout).toContain('✓ R1')
    expect(stdout).toContain('Unofficial: run npm run grade -- 42 R1 for the verdict.')
    expect(code).toBe(0)
  })

  test('names another port where one is taken', async ({ checkout, expect }) => {
    const server = net.createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const { code, stderr } = await checkout.run(`debug 42 R1 --port ${port}`)
    server.close()
    expect(stderr).toBe(
      `Port ${port} is taken: another debugger, or another npm run debug, may be running.\nNext: npm run debug -- 42 R1 --port 9229\n(E_PORT_TAKEN)\n`,
    )
    expect(code).toBe(2)
  })
})

// --- what the tests share ---

/** Enough of it, and the program is in its loop: a process that merely starts needs far less. */
function cpuSeconds(pid: string): number {
  const [user = 0, system = 0] =
    readProcess(pid, 'stat').split(') ')[1]?.split(' ').slice(11, 13).map(Number) ?? []
  // In clock ticks, which Linux counts to programs at 100 a second (proc(5)).
  return (user + system) / 100
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function accepts(port: number): Promise<boolean> {
  const socket = net.connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

/** Hears everything that a process says, and waits for words that it has not said before. */
function listenTo(child: ChildProcess) {
  let heard = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (heard += text))
  return async (words: RegExp): Promise<void> => {
    for (;;) {
      const match = words.exec(heard)
      if (match) return void (heard = heard.slice(match.index + match[0].length))
      await once(child.stdout as NodeJS.ReadableStream, 'data')
    }
  }
}
