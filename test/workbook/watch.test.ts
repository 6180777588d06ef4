import { renameSync } from 'node:fs'
import path from 'node:path'
import { describe } from 'vitest'
import { test as base } from './checkout.ts'
import { GREETING } from './greeting-lab.ts'
import { needing } from './outside.ts'
import { Window, type WindowOptions } from './window.ts'

/** `npm start` on a screen, driven as somebody at a keyboard drives it. */

const ENTRY = 'labs/42-greeting/greeting.ts'
const HANGS_UP = GREETING.replace("socket.once('end', () => socket.end())", 'socket.end()')
const LOOPS = GREETING.replace('server.listen', 'for (;;) {}\n  server.listen')

const test = base.extend<{ open: (args: string, options?: WindowOptions) => Window }>({
  open: async ({ checkout }, use) => {
    const windows: Window[] = []
    await use((args, options) => {
      const window = new Window(checkout, args, options)
      windows.push(window)
      return window
    })
    for (const window of windows) await window.close()
  },
})

/** The watch of lab 42 after its first run of the starter. */
async function begun(open: (args: string, options?: WindowOptions) => Window): Promise<Window> {
  const window = open('watch 42')
  await window.shows('0 of 2', 'graded in')
  return window
}

describe.concurrent('a screen', needing('tmux'), () => {
  test('begins with the first lab that is not finished, and says what to open and to read', async ({
    checkout,
    open,
    expect,
  }) => {
    checkout.write(
      '.progress.json',
      `{"format":1,"verdicts":{"01-seven-steps":{${Array.from({ length: 8 }, (_, index) => `"R${index + 1}":"passed"`).join()}}},"hints":{}}`,
    )
    const screen = await open('watch').shows('graded in')
    expect(screen).toMatch(/^Lab 42 {2}A server that speaks first +0 of 2\n/)
    expect(screen).toContain(`open ${ENTRY}    read labs/42-greeting/README.md`)
    expect(screen).toContain('○ R1  Every client is greeted')
    expect(screen).toContain('Next: look for TODO(R1) in your file.')
    expect(screen).toMatch(/\nh hint {3}l ladder {3}n next lab {3}b back {3}p list {3}r reset {3}q quit\n*$/)
  })

  test('shows after a save what is green now, and what the course has come to', async ({
    checkout,
    open,
    expect,
  }) => {
    const window = await begun(open)
    checkout.write(ENTRY, GREETING)
    const screen = await window.shows('2 of 2', /✓ R1 .* now green\n/, /✓ R2 .* now green\n/, 'graded in')
    expect(screen).toContain('All 2 requirements passed, 3 of 3 points.')
    expect(screen).toMatch(/course +[█░]{24} {2}1 of 2 labs, 2 of 10 requirements/)
    expect(screen).toContain('npm start -- 01')
  })

  test('shows what is red now, with the place where it went wrong in the ladder', async ({
    checkout,
    open,
    expect,
  }) => {
    checkout.write(ENTRY, GREETING)
    const window = open('watch 42')
    await window.shows('2 of 2', 'graded in')
    checkout.write(ENTRY, HANGS_UP)
    const screen = await window.shows('1 of 2', /✗ R2 .* now red\n/, 'graded in')
    expect(screen).toMatch(/─── FIN ─+▶│\n +│ {2}✗ expected the connection still open, saw FIN from you/)
    checkout.write(ENTRY, `${HANGS_UP}\n// once more\n`)
    await window.shows(/✗ R2 .* still red\n/)
  })

  test('begins anew when a file is saved in the middle of a run', async ({ checkout, open, expect }) => {
    const window = await begun(open)
    checkout.write(ENTRY, LOOPS)
    await window.shows('grading: 0 of 3')
    checkout.write(ENTRY, GREETING)
    await window.shows('2 of 2', 'graded in')
    const kept = JSON.parse(checkout.read('.progress.json'))
    expect(kept.verdicts['42-greeting']).toEqual({ R1: 'passed', R2: 'passed' })
  })

  test('shows a syntax error with its place, and goes on when it is mended', async ({ checkout, open }) => {
    checkout.write(ENTRY, GREETING)
    const window = open('watch 42')
    await window.shows('2 of 2', 'graded in')
    checkout.write(ENTRY, `${GREETING}\nconst = 3\n`)
    // A screen is painted piece by piece.
    const fault = /✗ greeting\.ts:\d+:7: Expected identifier but found "="/
    await window.shows('not graded', fault, /\d+ │ const = 3\n +╵ {7}\^/)
    checkout.write(ENTRY, HANGS_UP)
    await window.shows('1 of 2', /✗ R2 .* now red\n/)
  })

  test('takes an editor that writes beside and renames, and a file that vanishes for a moment', async ({
    checkout,
    open,
    expect,
  }) => {
    const window = await begun(open)
    checkout.write(`${ENTRY}~`, GREETING)
    renameSync(path.join(checkout.root, `${ENTRY}~`), path.join(checkout.root, ENTRY))
    await window.shows('2 of 2', 'graded in')
    checkout.remove(ENTRY)
    expect(await window.shows('not graded')).toContain(`✗ ${ENTRY} is missing.`)
    checkout.write(ENTRY, HANGS_UP)
    await window.shows('1 of 2', 'graded in')
  })

  test('has no colour where NO_COLOR is set, and some where it is not', async ({ open, expect }) => {
    const plain = open('watch 42', { env: { NO_COLOR: '1' } })
    await plain.shows('graded in')
    expect(await plain.screen(true)).not.toContain('\u001B[')
  })

  test('fits into any size, whenever the terminal takes it', async ({ checkout, open, expect }) => {
    checkout.write(ENTRY, HANGS_UP)
    const window = open('watch 42', { columns: 80, rows: 24 })
    await window.shows('graded in', '│─── FIN ──', 'saw       FIN from you')
    await window.resize(70, 14)
    const small = await window.shows(/^Lab 42.*1 of 2\n/, 'q quit')
    expect(small.split('\n').length).toBeLessThanOrEqual(14)
    await window.resize(40, 10)
    await window.shows(/^Lab 42/, 'h hint')
    await window.resize(100, 40)
    await window.shows(/^Lab 42.*1 of 2\n/, 'saw FIN from you', 'q quit')
  })
})

describe.concurrent('a key', needing('tmux'), () => {
  test('h gives a hint, layer by layer', async ({ open, expect }) => {
    const window = await begun(open)
    await window.press('h')
    const first = await window.shows('  1. When does a server first hear of a client?')
    expect(first).toContain('Hint 1 of 2: h once more for the next.')
    expect(first).not.toContain('  2. ')
    await window.press('h')
    await window.shows('  2. Look at what net.createServer calls you with.', 'that was the last one')
    await window.press('x')
    await window.shows('Next: look for TODO(R1)')
  })

  test('l shows the ladders of a lab that passes, and then the verdicts again', async ({
    checkout,
    open,
  }) => {
    checkout.write(ENTRY, GREETING)
    const window = open('watch 42')
    await window.shows('2 of 2', 'graded in')
    await window.press('l')
    await window.shows('✓ R1  the greeting comes unasked', '1 of 3, l for the next', '│◀── SYN ─')
    await window.press('l')
    await window.shows('✓ R2  the server stays until the client has sent FIN', '2 of 3, l for the next')
    await window.press('l')
    await window.shows('✓ R2  clients that speak and leave in any order', '3 of 3, l for the next')
    await window.press('l')
    await window.shows('All 2 requirements passed')
  })

  test('p shows the labs and the course', async ({ open }) => {
    const window = await begun(open)
    await window.press('p')
    await window.shows('○ 01  The seven steps', '○ 42  A server that speaks first', '0 of 2 labs')
    await window.press('p')
    await window.shows('Next: look for TODO(R1)')
  })

  test('r asks, does nothing for a no, and puts the starter back for a y', async ({
    checkout,
    open,
    expect,
  }) => {
    checkout.write(ENTRY, GREETING)
    const window = open('watch 42')
    await window.shows('2 of 2', 'graded in')
    await window.press('r')
    await window.shows('Put the starter of lab 42 back?', 'y yes')
    await window.press('n')
    await window.shows('Nothing was changed.')
    expect(checkout.read(ENTRY)).toBe(GREETING)
    await window.press('r')
    await window.shows('y yes')
    await window.press('y')
    await window.shows('0 of 2', 'graded in')
    const [kept = ''] = checkout.names('labs/42-greeting/.backup')
    expect(checkout.read(`labs/42-greeting/.backup/${kept}`)).toBe(GREETING)
    expect(checkout.read(ENTRY)).toBe(checkout.read('labs/42-greeting/.starter'))
  })

  test('n takes the next lab that is not finished, and a save there is seen', async ({ checkout, open }) => {
    const window = await begun(open)
    await window.press('n')
    await window.shows(/^Lab 01/, '0 of 8', 'graded in')
    const file = 'labs/01-seven-steps/fetch-once.ts'
    checkout.write(file, `${checkout.read(file)}\nconst = 3\n`)
    await window.shows('not graded')
    await window.press('b')
    await window.shows(/^Lab 42/, 'graded in')
    await window.press('b')
    await window.shows('This is the lab that you began with.')
  })

  test('a file that does not compile takes the ticks of the run before away', async ({
    checkout,
    open,
    expect,
  }) => {
    checkout.write(ENTRY, GREETING)
    const window = open('watch 42')
    await window.shows('2 of 2', '✓ R1', 'graded in')
    checkout.write(ENTRY, `${GREETING}\nconst = 3\n`)
    const screen = await window.shows(/^Lab 42 .* not graded/, 'greeting.ts:', '· R1')
    expect(screen).not.toContain('✓')
    checkout.write(ENTRY, GREETING)
    await window.shows('2 of 2', '✓ R1')
  })

  test('r asks nothing where the starter stands already', async ({ checkout, open }) => {
    checkout.write(ENTRY, checkout.read('labs/42-greeting/.starter'))
    const window = open('watch 42')
    await window.shows('graded in')
    await window.press('r')
    await window.shows('is the starter already.')
  })

  test('q ends it', async ({ open, expect }) => {
    const window = await begun(open)
    await window.press('q')
    expect(await window.ended()).toBe(0)
  })
})
