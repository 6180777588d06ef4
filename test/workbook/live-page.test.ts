import { once } from 'node:events'
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import http, { type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { followLive } from '../../workbook/cli/follow-live.ts'
import type { Live } from '../../workbook/report/live.ts'
import { liveHtml } from '../../workbook/report/live-html.ts'
import { openServer } from '../../workbook/site/serve/server.ts'

const LIVE: Live = {
  format: 1,
  run: 'a1',
  lab: '42-greeting',
  number: '42',
  title: 'Greeting',
  file: 'labs/42-greeting/greeting.ts',
  seed: 7,
  running: false,
  problem: null,
  requirements: [
    { id: 'R1', text: 'Greets <you> & all. More.', kind: 'passed', done: 1, planned: 1 },
    { id: 'R2', text: 'Closes.', kind: 'failed', done: 1, planned: 1 },
    { id: 'R3', text: 'Waits.', kind: 'waiting', done: 0, planned: 1 },
  ],
  failure: {
    requirement: 'R2',
    check: 'it closes',
    kind: 'failed',
    expected: 'FIN',
    saw: '"<b>hello</b>"',
    detail: ['a < b'],
    bytes: ['client → you, 3 B', '  a<b'],
    next: 'npm run hint -- 42 R2',
    section: { page: 'docs/7-closing.md', heading: 'RST: the end of <all>' },
    figure: null,
  },
}

const linkTo = (page: string): string => `to/${page}`

test('a run in one line, and every requirement below it', () => {
  const { summary, body, failed, requirements } = liveHtml(LIVE, linkTo)
  expect(summary).toBe('labs/42-greeting/greeting.ts: 1 of 3 requirements passed · R2 failed')
  expect(body).toContain(
    '<b>✓</b> <a href="#r1">R1</a> <span class="live-text">Greets &lt;you&gt; &amp; all. <i>passed</i></span>',
  )
  expect(body).toContain('<b>·</b> <a href="#r3">R3</a> <span class="live-text">Waits. <i>waiting</i></span>')
  expect(body).toContain('<dd class="live-saw">&quot;&lt;b&gt;hello&lt;/b&gt;&quot;</dd>')
  expect(body).toContain(
    'Read: <a href="to/docs/7-closing.md#rst-the-end-of-all">RST: the end of &lt;all&gt;</a>',
  )
  expect(body).not.toContain('<b>hello')
  // What stands where is known before what went wrong is read.
  expect(body.indexOf('live-list')).toBeLessThan(body.indexOf('<h2>'))
  expect(failed).toBe(true)
  expect(requirements[1]).toEqual({ id: 'R2', kind: 'failed' })
})

test('a run that goes on, and one that cannot be graded, say so', () => {
  expect(liveHtml({ ...LIVE, running: true }, linkTo).summary).toMatch(/running…$/)
  const problem = { code: 'E_SYNTAX', message: 'greeting.ts:1: a < b', next: 'mend it' }
  const { summary, body } = liveHtml({ ...LIVE, problem, failure: null }, linkTo)
  expect(summary).toContain('it could not be graded')
  expect(body).toContain('<pre>greeting.ts:1: a &lt; b</pre>')
})

test('a page that is opened later gets the last state at once, and no event that was for others', async () => {
  const server = await openServer(0)
  onTestFinished(() => server.close())
  server.send('reload', {})
  server.keep('verdicts', { run: 1 })
  server.keep('verdicts', { run: 2 })
  const request = http.get(`${server.url}events`)
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  let text = ''
  for await (const chunk of response.setEncoding('utf8')) {
    text += chunk
    if (text.includes('verdicts')) break
  }
  expect(text).toBe(': open\n\nevent: verdicts\ndata: {"run":2}\n\n')
})

test('what is there is told first, then each file that replaces it, and never half a one', async () => {
  const root = mkdtempSync(path.join(tmpdir(), 'workbook-live-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  const file = path.join(root, '.workbook/live.json')
  mkdirSync(path.dirname(file))
  writeFileSync(file, JSON.stringify(LIVE))
  const runs: string[] = []
  let heard = (): void => undefined
  const stop = await followLive(root, ({ run }) => {
    runs.push(run)
    heard()
  })
  expect(runs).toEqual(['a1'])
  const second = new Promise<void>((resolve) => (heard = () => runs.at(-1) === 'a2' && resolve()))
  writeFileSync(`${file}.new`, '{"format":1,')
  writeFileSync(`${file}.new`, JSON.stringify({ ...LIVE, run: 'a2' }))
  renameSync(`${file}.new`, file)
  await second
  await stop()
  expect(new Set(runs)).toEqual(new Set(['a1', 'a2']))
})
