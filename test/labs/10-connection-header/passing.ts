import type { Check, HttpMessage } from '../../../workbook/grading/check.ts'
import type { Conversations } from '../../../workbook/grading/conversation.ts'
import type { World } from './hop-ends.ts'
import { message } from './messages.ts'
import * as model from './model.ts'
import type { Line, Message } from './model.ts'
import { ends, type Ends } from './scenes.ts'
import { TARGETS, type Lines } from './tables.ts'
import { drawNames, expectLines, linesOf, shown, shuffled } from './words.ts'

/** Which fields come through the hop, and which do not. */

type Table = Readonly<Record<string, readonly Lines[]>>

/** Rows of the tables, each in a request and in its answer. */
export function passing(...tables: readonly Table[]): Conversations<Lines> {
  const all = tables.flatMap((table) => Object.entries(table))
  // Two tables may have a group of the same name.
  const scripts = Object.fromEntries(all.map(([name, rows], at) => [`${name} (${at + 1})`, rows]))
  return {
    scripts,
    async play(c, rows) {
      const both = await ends(c)
      for (const row of shuffled(c, rows)) await passOne(c, both, row)
    },
  }
}

/** Each in a request whose answer tells it. */
export const ASKED: Conversations<string> = {
  scripts: { 'a target of every kind': TARGETS },
  async play(c, targets) {
    const both = await ends(c)
    const client = await c.connect(both.server.port)
    for (const target of targets) {
      const line = `GET ${target} HTTP/1.1`
      await client.send(message(line, ['Host: h.example']))
      const { connection, request } = await both.request(`${line} at the next hop`)
      c.expectEqual(request.startLine, line, 'the request line at the next hop')
      await connection.send(message('HTTP/1.1 200 OK', [], target))
      c.expectBytes((await client.response()).body, target, `the body of the answer to ${line}`)
    }
  },
}

/** How a message is packed is told elsewhere, and nobody waits for a 100 here. */
const FRAMING = /^(?:content-length|transfer-encoding|expect):/i

async function passOne(c: Check, both: Ends, row: Lines): Promise<void> {
  const fields = row.filter((line) => !FRAMING.test(line))
  const host = fields.some((line) => /^host:/i.test(line)) ? [] : ['Host: h.example']
  const sent = drawMessage(c, [...host, ...fields])
  const answered = drawMessage(c, fields)
  const client = await c.connect(both.server.port)
  await client.send(bytesOf('GET /a HTTP/', sent))
  const { connection, request } = await both.request(`the request at the next hop, of ${shown(sent.headers)}`)
  await compare(c, both, request, sent, 'in the request at the next hop')
  await connection.send(bytesOf('HTTP/', answered, ' 200 OK'))
  const response = await client.response()
  await compare(c, both, response, answered, 'in the answer at the client')
  await client.fin()
  await c.learner.idle()
  if (connection.ended !== 'open') await connection.fin()
}

function drawMessage(c: Check, fields: Lines): Message {
  const version = c.random.pick(['1.0', '1.1'] as const)
  return { version, headers: linesOf(fields, drawNames(c)), body: Buffer.from('') }
}

function bytesOf(before: string, { version, headers }: Message, behind = ''): Buffer {
  return message(
    `${before}${version}${behind}`,
    headers.map(([name, value]) => `${name}: ${value}`),
  )
}

/** What the hop says for itself, and how it packs: not what came in. */
const ITS_OWN = new Set(['connection', 'keep-alive', 'te', 'content-length', 'transfer-encoding', 'via'])

async function compare(c: Check, { name }: World, passed: HttpMessage, sent: Message, where: string) {
  const of = `${where}, of ${shown(sent.headers)}`
  await c.blame('R10', () => {
    for (const [field, value] of sent.headers) expectOwn(c, passed, sent, field, value, of)
    expectLines(c, endToEnd(passed.headers), endToEnd(model.keptOf(sent)), of)
    c.expect(passed.startLine.includes('HTTP/1.1'), `HTTP/1.1 ${where}`, passed.startLine)
  })
  const via = model.viaOf([passed.header('via') ?? ''])
  await c.blame('R6', () =>
    c.expectEqual(via, model.viaAfter(sent, { name, received: sent.version }), `Via ${of}`),
  )
}

function endToEnd(headers: readonly Line[]): Line[] {
  const lower = headers.map(([name, value]): Line => [name.toLowerCase(), value])
  return lower.filter(([name]) => !ITS_OWN.has(name))
}

/** Of a field in which the hop may speak for itself, nothing of the sender's must be there. */
function expectOwn(c: Check, passed: HttpMessage, sent: Message, name: string, value: string, of: string) {
  const lower = name.toLowerCase()
  if (lower === 'connection') {
    const [own, theirs] = [model.optionsOf(passed.headers), model.optionsOf(sent.headers)]
    const relayed = own.find(
      (option) => theirs.includes(option) && !['close', 'keep-alive', 'te'].includes(option),
    )
    c.expect(relayed === undefined, `none of the sender's connection options ${of}`, `${relayed}`)
  } else if (lower === 'keep-alive' || (lower === 'te' && value !== 'trailers')) {
    const there = passed.header(lower)
    c.expect(
      there === null || !there.includes(value),
      `nothing of the sender's ${name} ${of}`,
      `${name}: ${there}`,
    )
  }
}
