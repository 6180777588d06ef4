import type { Call, Check, Connection } from '../../../workbook/grading/check.ts'
import type { Conversations } from '../../../workbook/grading/conversation.ts'
import type { Random } from '../../../workbook/grading/random.ts'
import { serverShows, type ServerEvent, type ServerShown } from './model.ts'
import { latin1 } from './scenes.ts'
import { answer, serve, type Site } from './servers.ts'
import { expectAnswersIn, expectRefusalIn } from './talk-answers.ts'

/** Conversations with `serveMessages`: two clients, handlers that answer when they are told, and what is no message. */

type Does = 'asks' | 'asks twice' | 'asks HEAD' | 'says close' | 'asks in HTTP/1.0' | 'half' | 'rest'
type Breaks = 'two lengths' | 'gzip' | 'HTTP/2' | 'a bad chunk'
export type Step =
  | { readonly client: number; readonly does: Does | Breaks | 'FIN' | 'RST' }
  | { readonly client: number; readonly answers: number }
  | { readonly does: 'close()' }

const c = (does: Does | Breaks | 'FIN' | 'RST', client = 0): Step => ({ client, does })
const a = (answers: number, client = 0): Step => ({ client, answers })
const CLOSE: Step = { does: 'close()' }

export const TALKS: Readonly<Record<'R14' | 'R15', Conversations<Step>>> = {
  R14: {
    scripts: {
      'a refusal while two requests wait': [c('asks twice'), c('two lengths'), c('asks'), a(1), a(0)],
      'a refusal behind an answer': [c('asks'), a(0), c('a bad chunk'), c('asks'), c('FIN')],
      'a refusal, and another client goes on': [
        c('asks', 1),
        c('HTTP/2'),
        c('asks', 1),
        a(1, 1),
        a(0, 1),
        c('says close', 1),
        a(2, 1),
      ],
      'a refusal behind half a request that goes on': [
        c('half'),
        c('rest'),
        c('gzip'),
        c('two lengths'),
        a(0),
      ],
      'a refusal, and a reset': [c('asks'), c('two lengths'), c('RST'), c('asks', 1), a(0, 1)],
      'a refusal during close()': [c('asks'), c('gzip'), CLOSE, a(0)],
      'close() before what would be refused': [c('asks'), CLOSE, c('gzip'), a(0)],
    },
    drawn: 2,
    draw,
    play,
  },
  R15: {
    scripts: {
      'answers in order, though the last is ready first': [c('asks twice'), c('asks'), a(2), a(1), a(0)],
      'HEAD between others': [c('asks'), c('asks HEAD'), c('asks'), a(0), a(1), a(2)],
      'nothing behind close': [c('asks'), c('says close'), c('asks'), a(0), a(1)],
      'nothing behind HTTP/1.0': [c('asks in HTTP/1.0'), c('asks'), a(0)],
      'FIN before the answers': [c('asks twice'), c('FIN'), a(0), a(1)],
      'FIN without a request': [c('FIN')],
      'FIN with half a request': [c('asks'), c('half'), c('FIN'), a(0)],
      'a reset, and another client': [
        c('asks'),
        c('asks', 1),
        c('RST'),
        a(0),
        a(0, 1),
        c('asks', 1),
        a(1, 1),
      ],
      'halves on two connections': [c('half'), c('half', 1), c('rest', 1), c('rest'), a(0), a(0, 1)],
      'close() with one idle, and one that waits': [c('asks'), CLOSE, c('asks'), a(0)],
      'close() with half a request': [c('half'), c('asks', 1), a(0, 1), CLOSE, c('rest')],
      'close() with two that wait, and again': [c('asks twice'), CLOSE, a(0), CLOSE, a(1)],
    },
    drawn: 3,
    draw,
    play,
  },
}

function draw(random: Random): Step[] {
  const one = (): Step => {
    const client = random.integer(0, 1)
    if (random.integer(1, 12) === 1) return CLOSE
    if (random.integer(1, 5) <= 2) return a(random.integer(0, 3), client)
    const does = [
      'asks',
      'asks',
      'asks twice',
      'asks HEAD',
      'says close',
      'half',
      'rest',
      'FIN',
      'two lengths',
      'gzip',
    ] as const
    return c(random.pick(does), client)
  }
  return Array.from({ length: 10 }, one)
}

// --- internal ---

const BAD: Readonly<Record<Breaks, readonly [fields: string, status: number]>> = {
  'two lengths': ['POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd', 400],
  gzip: ['POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n', 501],
  'HTTP/2': ['GET / HTTP/2.0\r\nHost: a\r\n\r\n', 505],
  'a bad chunk': ['POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n\r\n', 400],
}

export interface Client {
  readonly id: number
  readonly wire: Connection
  readonly events: ServerEvent[]
  readonly gates: Gate[]
  /** Which of its requests were HEAD. */
  readonly heads: boolean[]
  rest: string
  gone: boolean
}

interface Gate {
  readonly opened: Promise<void>
  readonly open: () => void
}

function gate(): Gate {
  let open: () => void = () => undefined
  const opened = new Promise<void>((resolve) => (open = resolve))
  return { opened, open }
}

async function play(check: Check, steps: readonly Step[]): Promise<void> {
  check.learner.holdClock()
  const clients: Client[] = []
  const site = await serve(check, async ({ target }) => {
    const [, id = '', index = ''] = /^\/(\d)-(\d+)/.exec(`${target}`) ?? []
    await clients[Number(id)]?.gates[Number(index)]?.opened
    return answer(`${target}`)
  })
  for (const id of [0, 1]) {
    const wire = await check.connect(site.server.port, { name: `client ${id + 1}` })
    clients.push({ id, wire, events: [], gates: [], heads: [], rest: '', gone: false })
  }
  // Accepted, and not only connected: what close() finds in the backlog is reset.
  await check.learner.idle()
  const closings: Call<void>[] = []
  for (const step of steps) {
    await take(clients, step, () => closings.push(site.server.close()))
    await check.learner.idle()
    await compare(check, clients, site, closings)
  }
  await finish(check, clients, site, closings)
}

async function take(clients: readonly Client[], step: Step, close: () => void): Promise<void> {
  if (!('client' in step)) {
    for (const { events } of clients) events.push({ is: 'close()' })
    return close()
  }
  const client = clients[step.client]
  if (!client || client.gone) return
  if ('answers' in step) {
    if (!client.gates[step.answers]) return
    client.events.push({ is: 'ready', request: step.answers })
    return client.gates[step.answers]?.open()
  }
  if (step.does === 'RST') {
    client.gone = true
    return await client.wire.reset()
  }
  // Behind its FIN, or behind ours, it has nothing to say that means anything.
  if (client.events.some(({ is }) => is === 'FIN')) return
  if (step.does === 'FIN') {
    client.events.push({ is: 'FIN' })
    return await client.wire.fin()
  }
  await client.wire.send(latin1(bytesOf(client, step.does)))
}

function bytesOf(client: Client, does: Does | Breaks): string {
  if (does === 'half' && client.rest === '') {
    const whole = request(client, 'asks')
    client.events.push({ is: 'part' })
    client.rest = whole.slice(30)
    return whole.slice(0, 30)
  }
  const open = client.rest
  client.rest = ''
  if (open !== '') ask(client, 'asks')
  if (does === 'half' || does === 'rest') return open
  if (does in BAD) {
    const [bytes, status] = BAD[does as Breaks]
    client.events.push({ is: 'refused', status })
    return open + bytes
  }
  const count = does === 'asks twice' ? 2 : 1
  const texts = Array.from({ length: count }, () => {
    const text = request(client, does)
    ask(client, does)
    return text
  })
  return open + texts.join('')
}

function request({ id, gates }: Client, does: string): string {
  const method = does === 'asks HEAD' ? 'HEAD' : 'GET'
  const version = does === 'asks in HTTP/1.0' ? '1.0' : '1.1'
  const close = does === 'says close' ? 'Connection: x-shop, Close\r\n' : 'Connection: not-close\r\n'
  return `${method} /${id}-${gates.length}-abcdefghijklmn HTTP/${version}\r\nHost: a\r\n${close}\r\n`
}

function ask(client: Client, does: string): void {
  client.gates.push(gate())
  client.heads.push(does === 'asks HEAD')
  client.events.push({ is: 'request', last: does === 'says close' || does === 'asks in HTTP/1.0' })
}

const shown = ({ events }: Client): ServerShown => serverShows(events)

async function compare(
  check: Check,
  clients: readonly Client[],
  { handled }: Site,
  closings: readonly Call<void>[],
): Promise<void> {
  for (const client of clients) {
    if (client.gone) continue
    const { accepted, given, because, fin } = shown(client)
    const calls = handled.filter(({ target }) => `${target}`.startsWith(`/${client.id}-`)).length
    await check.blame(calls > accepted ? because : 'R15', () => {
      const expected = `${given} calls of the handler for client ${client.id + 1}: one request at a time, and none behind what ends them`
      check.expect(calls === given, expected, `${calls}`)
    })
    await check.blame('R15', () => expectAnswersIn(check, client, shown(client)))
    await check.blame(because, () => {
      expectRefusalIn(check, client, shown(client))
      const isRight = client.wire.ended === (fin ? 'FIN' : 'open')
      check.expect(
        isRight,
        fin ? `FIN to client ${client.id + 1}` : `client ${client.id + 1} kept`,
        client.wire.ended,
      )
    })
  }
  const pending = clients.filter((client) => !client.gone && !isOver(client))
  await check.blame('R15', () => {
    for (const { outcome } of closings) {
      const saw = outcome === null ? 'it is pending' : 'it has settled'
      if (pending.length > 0) check.expect(outcome === null, 'close() pending: a connection is not over', saw)
      else check.expect(outcome?.ok === true, 'close() resolved: every connection is gone', saw)
    }
  })
}

function isOver(client: Client): boolean {
  return shown(client).fin && client.events.some(({ is }) => is === 'FIN')
}

/** Everybody gets an answer, and leaves; then the server is gone. */
async function finish(
  check: Check,
  clients: readonly Client[],
  site: Site,
  closings: Call<void>[],
): Promise<void> {
  closings.push(site.server.close())
  for (const client of clients) {
    client.events.push({ is: 'close()' })
    for (const [index, { open }] of client.gates.entries()) {
      client.events.push({ is: 'ready', request: index })
      open()
    }
  }
  await check.learner.idle()
  await compare(check, clients, site, closings)
  for (const client of clients) {
    if (client.gone || client.events.some(({ is }) => is === 'FIN')) continue
    client.events.push({ is: 'FIN' })
    await client.wire.fin()
  }
  await check.learner.idle()
  await compare(check, clients, site, closings)
  await check.blame('R15', () => check.learner.leavesNothing())
}
