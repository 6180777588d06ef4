import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import net from 'node:net'
import { describe } from 'vitest'
import { test, type Checkout } from './checkout.ts'

/** The commands of the pages, in a copy of the checkout. */

const PAGE = 'docs/1-greetings.md'
const TEXT = "---\ntitle: Greetings\ncovers: ['A.4']\nrfc: ['RFC 9293 §3.5']\n---\n\n# Greetings\n\nHello.\n"

describe.concurrent('the pages', () => {
  test('are built into .site, or into the folder that is named', async ({ checkout, expect }) => {
    checkout.write(PAGE, TEXT)
    const first = await checkout.run('docs:build')
    expect(first.stdout).toMatch(/^\d+ pages in .*\/\.site, built in \d+ ms\n$/)
    expect([first.code, first.stderr]).toEqual([0, ''])
    expect(checkout.read('.site/1-greetings.html')).toContain('<p>Hello.</p>')
    const second = await checkout.run('docs:build --out elsewhere')
    expect(second.stdout).toMatch(/^\d+ pages in .*\/elsewhere, built in/)
    expect(checkout.read('elsewhere/1-greetings.html')).toBe(checkout.read('.site/1-greetings.html'))
  })

  test('are not built where something is wrong in them', async ({ checkout, expect }) => {
    checkout.write(PAGE, TEXT.replace('Hello.', 'See [this](2-closing.md).\n\n> [!TRYY]\n>\n> It.'))
    const { code, stdout, stderr } = await checkout.run('docs:build')
    expect(stdout).toBe(`
docs/1-greetings.md:9
  expected  a link to something that exists
  found     2-closing.md
  next      Correct the link.
  (E_COURSE_LINK)
docs/1-greetings.md:11
  expected  a box of one of the kinds PREDICT, TRY, THEN-AND-NOW, WILD, NOTE
  found     "[!TRYY]"
  next      Write [!TRY], or take the mark away.
  (E_COURSE_BOX)

2 problems stop the build.
`)
    expect([code, stderr]).toEqual([1, ''])
    expect(checkout.exists('.site')).toBe(false)
  })

  test("never go into somebody's folder", async ({ checkout, expect }) => {
    checkout.write('thesis/chapter.txt', 'all of it')
    const { code, stdout, stderr } = await checkout.run('docs:build --out thesis')
    expect(stderr).toBe(
      `${checkout.root}/thesis is not empty, and no site was built there.\nNext: choose another folder, or empty this one\n(E_OUT_FOLDER)\n`,
    )
    expect([code, stdout, checkout.names('thesis')]).toEqual([2, '', ['chapter.txt']])
  })

  test('agree with their sources, or docs:sync names what it writes', async ({ checkout, expect }) => {
    checkout.write('docs/demos/hello.ts', '// Greets.\nconsole.log(1)\n')
    checkout.write(PAGE, `${TEXT}\n\`\`\`ts docs/demos/hello.ts\n\`\`\`\n`)
    expect(await checkout.run('docs:sync')).toEqual({ code: 0, stdout: `${PAGE}\n`, stderr: '' })
    expect(checkout.read(PAGE)).toContain('hello.ts\n// Greets.\nconsole.log(1)\n```\n')
    expect((await checkout.run('docs:sync')).stdout).toBe(
      'Nothing to write: every page agrees with its sources.\n',
    )
  })

  test('are served, and reload while one writes', async ({ checkout, expect }) => {
    checkout.write(PAGE, TEXT)
    const served = await serve(checkout)
    const page = `${served.url}1-greetings.html`
    const reloads = await listen(served.url)
    checkout.write(PAGE, TEXT.replace('Hello.', 'Good evening.'))
    await reloads.next()
    expect(await textOf(page)).toContain('<p>Good evening.</p>')
    checkout.write(PAGE, TEXT.replace('Hello.', '[Nowhere](nowhere.md)'))
    await reloads.until(async () => (await textOf(page)).includes('One problem stops the build'))
    checkout.write(PAGE, TEXT)
    await reloads.until(async () => (await textOf(page)).includes('<p>Hello.</p>'))
    expect(checkout.exists('.site')).toBe(false)
    expect(await served.interrupt()).toBe(130)
    await reloads.end()
    expect(await refuses(served.url)).toBe(true)
  })

  test('are served no longer when whoever started it was killed', async ({ checkout, expect }) => {
    const served = await serve(checkout)
    const reloads = await listen(served.url)
    served.child.kill('SIGKILL')
    await reloads.end()
    expect(await refuses(served.url)).toBe(true)
  })

  test.for([
    [
      'docs --port x',
      'A port is a number from 0 to 65535, not x.\nNext: npm run docs -- --port 8080\n(E_PORT)',
    ],
    ['docs 12', 'This command takes no "12".\nNext: npm run docs\n(E_WORDS)'],
    ['docs:build here', 'This command takes no "here".\nNext: npm run docs:build -- --out DIR\n(E_WORDS)'],
  ] as const)('%s cannot be done', async ([args, said], { checkout, expect }) => {
    expect(await checkout.run(args)).toEqual({ code: 2, stdout: '', stderr: `${said}\n` })
  })
})

// --- internal ---

async function serve(checkout: Checkout) {
  const child: ChildProcess = checkout.start('docs')
  let printed = ''
  const url = await new Promise<string>((resolve, reject) => {
    child.once('exit', () => reject(new Error(`npm run docs has ended:\n${printed}`)))
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      printed += text
      const [found] = /^http:\S+\/$/m.exec(printed) ?? []
      if (found !== undefined) resolve(found)
    })
  })
  const interrupt = async (): Promise<number | null> => {
    const exit = once(child, 'exit') as Promise<[number | null]>
    child.kill('SIGINT')
    return (await exit)[0]
  }
  return { child, url, interrupt }
}

async function textOf(url: string): Promise<string> {
  return (await fetch(url)).text()
}

async function listen(url: string) {
  const { body } = await fetch(`${url}events`)
  const chunks = body?.pipeThrough(new TextDecoderStream())[Symbol.asyncIterator]()
  if (!chunks) throw new Error('no stream of events')
  let text = ''
  const next = async (): Promise<void> => {
    while (!text.includes('event: reload')) {
      const { value, done } = await chunks.next()
      if (done) throw new Error('the stream of events has ended')
      text += value
    }
    text = text.slice(text.indexOf('event: reload') + 1)
  }
  return {
    next,
    /** A file may be seen while it is half written: then there is one reload more. */
    async until(holds: () => Promise<boolean>): Promise<void> {
      do await next()
      while (!(await holds()))
    },
    /** However the other side went. */
    async end(): Promise<void> {
      try {
        while (!(await chunks.next()).done);
      } catch {
        // Cut off.
      }
    },
  }
}

async function refuses(url: string): Promise<boolean> {
  const socket = net.connect(Number(new URL(url).port), '127.0.0.1')
  const refused = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(false))
    socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code === 'ECONNREFUSED'))
  })
  socket.destroy()
  return refused
}
