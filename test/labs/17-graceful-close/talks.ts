import type { Response } from '../../../labs/kit/http.ts'
import type { Call, Check, Connection } from '../../../workbook/grading/check.ts'
import type { Conversations } from '../../../workbook/grading/conversation.ts'
import { clientShows, type ClientEvent, type ClientShown } from './model.ts'
import { allIn } from './messages.ts'
import { gate, get, saysClose, type Gate } from './scenes.ts'
import { draw, MAX, TALK_SCRIPTS, type Does, type Step } from './talk-scripts.ts'

/** Conversations with `serveThenClose`: three requests a connection, handlers that answer when they are told. */

export const TALKS: Readonly<Record<'R6' | 'R7' | 'R8', Conversations<Step>>> = {
  R6: { scripts: TALK_SCRIPTS.R6, drawn: 3, draw, play },
  R7: { scripts: TALK_SCRIPTS.R7, drawn: 0, play },
  R8: { scripts: TALK_SCRIPTS.R8, drawn: 0, play },
}

// --- internal ---

interface Client {
  readonly name: string
  readonly wire: Connection
  readonly events: ClientEvent[]
  readonly gates: Gate[]
  asked: number
  hasHalf: boolean
}

interface Talk {
  readonly clients: readonly Client[]
  readonly timeoutMs: number
  readonly handled: string[]
  readonly closings: Call<void>[]
  readonly close: () => Call<void>
  now: number
}

async function play(check: Check, steps: readonly Step[]): Promise<void> {
  const talk = await begin(check)
  for (const step of steps) {
    await take(check, talk, step)
    await check.learner.idle()
    await compare(check, talk)
  }
  await finish(check, talk)
}

async function begin(check: Check): Promise<Talk> {
  check.learner.holdClock()
  const [word, timeoutMs] = [check.random.word(), check.random.integer(2, 400)]
  const handled: string[] = []
  const gates: Array<Client['gates']> = [[], []]
  const handler = async ({ target }: { readonly target: string }): Promise<Response> => {
    handled.push(target)
    const [, id = '', index = ''] = /^\/client-(\d)-(\d+)-/.exec(target) ?? []
    await gates[Number(id)]?.[Number(index)]?.opened
    return { version: '1.1', status: 200, reason: 'OK', headers: [], body: Buffer.from(`${word} ${target}`) }
  }
  const server = await check.learner.serve('serveThenClose', handler, { maxRequests: MAX, timeoutMs })
  const open = async (id: number): Promise<Client> => ({
    name: `client-${id}`,
    wire: await check.connect(server.port, { name: `client ${id + 1}` }),
    events: [],
    gates: gates[id] ?? [],
    asked: 0,
    hasHalf: false,
  })
  const clients = [await open(0), await open(1)]
  // Accepted, and not only connected: what close() finds in the backlog is reset.
  await check.learner.idle()
  return { clients, timeoutMs, handled, closings: [], close: () => server.close(), now: 0 }
}

async function take(check: Check, talk: Talk, step: Step): Promise<void> {
  if (!('client' in step)) return await takeForAll(check, talk, step.does)
  const client = talk.clients[step.client]
  if (!client || hasLeft(client)) return
  if ('answers' in step) {
    if (step.answers >= shown(talk, client).taken) return
    client.events.push({ at: talk.now, is: 'answer', request: step.answers })
    return client.gates[step.answers]?.open()
  }
  // Behind the deadline nobody is there any more.
  if (shown(talk, client).gone || (client.events.some(({ is }) => is === 'FIN') && step.does !== 'RST'))
    return
  if (step.does === 'FIN' || step.does === 'RST') {
    client.events.push({ at: talk.now, is: step.does })
    return step.does === 'FIN' ? await client.wire.fin() : await client.wire.reset()
  }
  await client.wire.send(bytesOf(talk, client, step.does))
}

function bytesOf(talk: Talk, client: Client, does: Does): string {
  if (does === 'asks half' && !client.hasHalf) {
    client.hasHalf = true
    return target(client).slice(0, 30)
  }
  const count = does === 'asks twice' ? 2 : does === 'asks four times' ? 4 : 1
  const whole = Array.from({ length: count }, () => {
    const request = target(client)
    client.asked++
    client.gates.push(gate())
    client.events.push({ at: talk.now, is: 'request' })
    return request
  }).join('')
  const rest = client.hasHalf ? whole.slice(30) : whole
  client.hasHalf = false
  return rest
}

const target = ({ name, asked }: Client): string => get(`/${name}-${asked}-abcdefghijkl`)
const hasLeft = ({ events }: Client): boolean => events.some(({ is }) => is === 'RST')
const shown = (talk: Talk, { events }: Client): ClientShown =>
  clientShows(events, { maxRequests: MAX, timeoutMs: talk.timeoutMs }, talk.now)

async function takeForAll(
  check: Check,
  talk: Talk,
  does: Extract<Step, { does: unknown }>['does'] | 'the deadline',
): Promise<void> {
  if (does === 'close()') {
    talk.closings.push(talk.close())
    for (const { events } of talk.clients) events.push({ at: talk.now, is: 'close()' })
    return
  }
  const by = does === 'an hour' ? 3_600_000 : does === 'a millisecond' ? 1 : talk.timeoutMs - 1
  await check.learner.tick(by)
  talk.now += by
}

async function compare(check: Check, talk: Talk): Promise<void> {
  for (const client of talk.clients) if (!hasLeft(client)) await compareOne(check, talk, client)
  const left = talk.clients.filter((client) => !shown(talk, client).gone)
  await check.blame('R8', () => {
    for (const [index, closing] of talk.closings.entries()) {
      const which = `close()${index > 0 ? ', called again,' : ''}`
      const there = `the connection of ${left.map(({ wire, name }) => name.replace('-', ' ') || wire.localPort).join(' and ')}`
      if (left.length > 0)
        check.expect(
          closing.outcome === null,
          `${which} pending: ${there} is not over`,
          'it has settled already',
        )
      else {
        const saw = closing.outcome === null ? 'it is pending' : 'it has rejected'
        check.expect(closing.outcome?.ok === true, `${which} settled: every connection is gone`, saw)
      }
    }
  })
}

async function compareOne(check: Check, talk: Talk, client: Client): Promise<void> {
  const { taken, answers, finAt, because } = shown(talk, client)
  const seen = allIn(client.wire.received)
  await check.blame(because, () => {
    const calls = talk.handled.filter((asked) => asked.startsWith(`/${client.name}-`)).length
    const last = `a request that came behind the last one of ${client.name} was handled`
    check.expect(calls <= taken, `${taken} calls of the handler`, `${calls}: ${last}`)
    const bodies = seen.map(({ body }) => / \/client-\d-(\d+)-/.exec(body.toString())?.[1] ?? body.toString())
    const expected = Array.from({ length: answers }, (_, index) => String(index))
    check.expectEqual(
      bodies,
      expected,
      `the requests of ${client.name} that are answered by now, in order (0 is the first)`,
    )
  })
  await check.blame('R6', () => {
    for (const [index, answer] of seen.entries()) {
      const isLast = index === MAX - 1
      // On an answer behind which close() or the client ends the requests, it may stand or not.
      if (!isLast && finAt !== null && index === seen.length - 1) continue
      const expected = `${isLast ? '' : 'no '}Connection: close in answer ${index + 1} of ${MAX}`
      check.expect(saysClose(answer) === isLast, expected, isLast ? 'none' : 'close')
    }
  })
  await check.blame(because, () => {
    const expected =
      finAt === null ? `no end of yours: ${client.name} is owed something` : `FIN to ${client.name}, not RST`
    const isRight = client.wire.ended === (finAt === null ? 'open' : 'FIN')
    check.expect(isRight, expected, client.wire.ended === 'open' ? 'the connection open' : client.wire.ended)
  })
}

/** Whatever is left is over once the server closes, the handlers have answered, and the time is up. */
async function finish(check: Check, talk: Talk): Promise<void> {
  if (talk.closings.length === 0) await takeForAll(check, talk, 'close()')
  for (const client of talk.clients)
    for (const [index, each] of client.gates.entries()) {
      if (index >= shown(talk, client).taken) continue
      client.events.push({ at: talk.now, is: 'answer', request: index })
      each.open()
    }
  await check.learner.idle()
  await compare(check, talk)
  await takeForAll(check, talk, 'the deadline')
  await takeForAll(check, talk, 'a millisecond')
  await check.learner.idle()
  await compare(check, talk)
  await check.blame('R8', () => check.learner.leavesNothing())
}
