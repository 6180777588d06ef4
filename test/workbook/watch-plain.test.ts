import { once } from 'node:events'
import type { ChildProcess } from 'node:child_process'
import { describe } from 'vitest'
import { ended, test } from './checkout.ts'
import { GREETING } from './greeting-lab.ts'
import { needing } from './outside.ts'
import { learnersOf, processesOf, until } from './processes.ts'
import { Window } from './window.ts'

/** `npm start` where there is no screen, where no file events come, and how it ends. */

const ENTRY = 'labs/42-greeting/greeting.ts'
const HANGS_UP = GREETING.replace("socket.once('end', () => socket.end())", 'socket.end()')
const LOOPS = GREETING.replace('server.listen', 'for (;;) {}\n  server.listen')

const THROWS = "export async function fetchOnce() {\n  throw new Error('not today')\n}\n"

/** A watch whose lines are heard, each once. */
function listen(child: ChildProcess) {
  let heard = ''
  let all = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    heard += text
    all += text
  })
  return {
    all: () => all,
    async says(words: RegExp): Promise<string> {
      for (;;) {
        const match = words.exec(heard)
        if (match) {
          heard = heard.slice(match.index + match[0].length)
          return match[0]
        }
        await once(child.stdout as NodeJS.ReadableStream, 'data')
      }
    },
  }
}

describe.concurrent('without a terminal', () => {
  test('the watch prints lines: all verdicts first, then what has changed', async ({ checkout, expect }) => {
    const child = checkout.start('watch 42')
    const run = ended(child)
    const { says, all } = listen(child)
    await says(/^Watching lab 42, A server that speaks first: save labs\/42-greeting\/greeting\.ts, /)
    await says(/○ R1 .*\n○ R2 .*\n\nLab 42: 0 of 2 passed, seed \d+\.\n/)
    checkout.write(ENTRY, HANGS_UP)
    await says(/\nSaved\.\n/)
    await says(/✓ R1 .* now green\n✗ R2 .* now red\n/)
    await says(/│ {2}✗ expected the connection still open, saw FIN from you/)
    await says(/Lab 42: 1 of 2 passed/)
    checkout.write(ENTRY, GREETING)
    // R1 is no news.
    await says(/\nSaved\.\n✓ R2 .* now green\n\nLab 42: 2 of 2 passed/)
    child.kill('SIGINT')
    expect((await run).stderr).toBe('')
    expect(all()).not.toContain('\u001B')
  })

  test('a run that a save has overtaken says nothing any more', async ({ checkout, expect }) => {
    checkout.write(ENTRY, LOOPS)
    const child = checkout.start('watch 42')
    const { says, all } = listen(child)
    await says(/^Watching lab 42/)
    checkout.write(ENTRY, GREETING)
    await says(/Lab 42: 2 of 2 passed/)
    child.kill('SIGTERM')
    await once(child, 'exit')
    expect(all()).not.toContain('HUNG')
  })

  test.for(['flag', 'variable'] as const)(
    'and without file events it looks at the files, and says so (%s)',
    async (way, { checkout }) => {
      const child =
        way === 'flag'
          ? checkout.start('watch 42 --poll')
          : checkout.start('watch 42', { WORKBOOK_POLL: '1' })
      const { says } = listen(child)
      await says(/File events do not arrive here \(you asked for it\): the files are looked at four times/)
      await says(/Lab 42: 0 of 2 passed/)
      checkout.write(ENTRY, GREETING)
      await says(/Lab 42: 2 of 2 passed/)
      child.kill()
      await once(child, 'exit')
    },
  )

  test('and where no event comes for a save it notices, says so, and looks at the files', async ({
    checkout,
  }) => {
    // Chokidar as it is on a drive without events: it hears of nothing for an hour.
    const child = checkout.start('watch 42', { CHOKIDAR_USEPOLLING: '1', CHOKIDAR_INTERVAL: '3600000' })
    const { says } = listen(child)
    await says(/Lab 42: 0 of 2 passed/)
    checkout.write(ENTRY, HANGS_UP)
    await says(/File events do not arrive here \(no event came for your last save\)/)
    checkout.write(ENTRY, GREETING)
    await says(/Lab 42: 2 of 2 passed/)
    child.kill()
    await once(child, 'exit')
  })

  test('a prediction that is ticked is a save too', async ({ checkout }) => {
    checkout.write(ENTRY, GREETING)
    const child = checkout.start('watch 42')
    const { says } = listen(child)
    await says(/Lab 42: 2 of 2 passed/)
    const file = 'labs/42-greeting/predictions.md'
    checkout.write(file, checkout.read(file).replace('[ ]', '[x]'))
    await says(/\nSaved\.\n\nLab 42: 2 of 2 passed/)
    child.kill()
    await once(child, 'exit')
  })
})

// Only Linux shows the processes of others in /proc.
describe.runIf(process.platform === 'linux')('nothing is left behind', () => {
  test.for(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'by a watch without a terminal that %s ends',
    async (name, { checkout, signal }) => {
      checkout.unshareCache()
      checkout.write(ENTRY, LOOPS)
      const child = checkout.start('watch 42')
      const { says } = listen(child)
      // The learner's program is in its loop, or about to be: as bad a moment as there is.
      await says(/^Watching lab 42/)
      child.kill(name)
      await until(() => processesOf(checkout.root).length === 0, signal)
    },
  )

  test('by a watch that has started a process ahead for each check that failed', async ({
    checkout,
    signal,
  }) => {
    checkout.unshareCache()
    checkout.write('labs/01-seven-steps/fetch-once.ts', THROWS)
    const checks = checkout.read('test/labs/01-seven-steps/suite.test.ts').match(/^ +check\(/gm)?.length ?? 0
    const child = checkout.start('watch 01')
    // Beside them there are those that can serve again.
    await until(() => learnersOf(checkout.root).length > checks, signal)
    child.kill('SIGKILL')
    await once(child, 'exit')
    await until(() => processesOf(checkout.root).length === 0, signal)
  })

  test.for(['C-c', 'q', 'closing the window'] as const)(
    'by a watch on a screen, after %s',
    needing('tmux'),
    async (way, { checkout, signal }) => {
      checkout.unshareCache()
      checkout.write(ENTRY, LOOPS)
      const window = new Window(checkout, 'watch 42')
      await window.shows('grading: 0 of 3')
      if (way === 'closing the window') await window.close()
      else await window.press(way)
      if (way !== 'closing the window') await window.ended()
      await window.close()
      await until(() => processesOf(checkout.root).length === 0, signal)
    },
  )
})
