import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import http, { type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { writeTick } from '../../workbook/cli/write-tick.ts'
import { withTick } from '../../workbook/course/tick-prediction.ts'
import { openServer } from '../../workbook/site/serve/server.ts'
import type { Tick } from '../../workbook/site/serve/ticks.ts'

/** A box that is ticked on the served page stands ticked in the file. */

const TEXT = `# Predict

## P1 Who speaks first?

- [ ] a. the client
- [x] b. the server

My note: [ ] c. is no box of P2.

## P2 And last?

-  [ X ] a. the client,
  who knows
- [ ] b. nobody
`

const tick = (question: string, choice: string, ticked = true) => ({ question, choice, ticked })

test.each([
  [
    'a tick takes the other of its question away',
    tick('P1', 'a'),
    { '[ ] a. the client\n': '[x] a. the client\n', '[x] b': '[ ] b' },
  ],
  ['a tick that is there already stays', tick('P1', 'b'), {}],
  ['a tick is taken away', tick('P1', 'b', false), { '[x] b. the server': '[ ] b. the server' }],
  [
    'a box that somebody has spread out is one',
    tick('P2', 'b'),
    { '[ X ] a.': '[ ] a.', '[ ] b. nobody': '[x] b. nobody' },
  ],
] as const)('%s', (_, what, changes) => {
  let wanted = TEXT
  for (const [from, to] of Object.entries(changes)) wanted = wanted.replace(from, to)
  expect(withTick(TEXT, what)).toBe(wanted)
})

test.each([tick('P3', 'a'), tick('P1', 'd')])('there is no such box: %o', (what) => {
  expect(withTick(TEXT, what)).toBe(null)
})

test('lines end as they did', () => {
  expect(withTick('## P1 A?\r\n- [ ] a. b\r\n- [ ] b. c\r\n', tick('P1', 'a'))).toBe(
    '## P1 A?\r\n- [x] a. b\r\n- [ ] b. c\r\n',
  )
})

test('the file is written, and no other one can be named', () => {
  const root = mkdtempSync(path.join(tmpdir(), 'workbook-tick-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  mkdirSync(path.join(root, 'labs/42-greeting'), { recursive: true })
  const file = path.join(root, 'labs/42-greeting/predictions.md')
  writeFileSync(file, TEXT)
  const lab = '42-greeting'
  expect(writeTick(root, { lab, ...tick('P1', 'a') })).toBe(null)
  expect(readFileSync(file, 'utf8')).toContain('- [x] a. the client\n- [ ] b. the server')
  expect(writeTick(root, { lab, ...tick('P9', 'a') })).toBe(
    'labs/42-greeting/predictions.md has no box a under P9: reload the page.',
  )
  expect(writeTick(root, { lab: '../42-greeting', ...tick('P1', 'a') })).toBe('There is no such lab.')
  expect(writeTick(root, { lab: '43-none', ...tick('P1', 'a') })).toContain('(ENOENT)')
})

test('the server takes ticks from its own pages alone', async () => {
  const taken: Tick[] = []
  const server = await openServer(0, (each) => {
    taken.push(each)
    return each.lab === 'none' ? 'There is no such lab.' : null
  })
  onTestFinished(() => server.close())
  const own = { origin: server.url.replace(/\/$/, ''), 'content-type': 'application/json' }
  const right = { lab: '42-greeting', ...tick('P1', 'a') }
  const post = (headers: object, body: unknown) => ask(server.url, headers, JSON.stringify(body))
  expect(await post(own, right)).toEqual([200, 'Written.\n'])
  expect(await post(own, { ...right, lab: 'none' })).toEqual([409, 'There is no such lab.\n'])
  expect((await post({ ...own, origin: 'http://example.org' }, right))[0]).toBe(403)
  expect((await post({ 'content-type': 'application/json' }, right))[0]).toBe(403)
  expect((await post({ ...own, 'content-type': 'text/plain' }, right))[0]).toBe(403)
  expect((await post({ ...own, host: 'example.org' }, right))[0]).toBe(403)
  for (const wrong of [{}, null, { ...right, ticked: 'yes' }, { ...right, more: 'x'.repeat(2000) }])
    expect((await post(own, wrong))[0]).toBe(400)
  expect(taken).toHaveLength(2)
})

// --- internal ---

async function ask(url: string, headers: object, body: string): Promise<[number | undefined, string]> {
  const request = http.request(`${url}predictions`, { method: 'POST', headers: { ...headers } })
  const [response] = (await once(request.end(body), 'response')) as [IncomingMessage]
  let text = ''
  for await (const chunk of response.setEncoding('utf8')) text += String(chunk)
  return [response.statusCode, text]
}
