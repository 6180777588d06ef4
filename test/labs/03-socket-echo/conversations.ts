import type { Call, Check, Connection, RemoteServer } from '../../../workbook/grading/check.ts'
import type { Conversations } from '../../../workbook/grading/conversation.ts'
import type { Random } from '../../../workbook/grading/random.ts'
import { isClosed, shownBy, type Event, type Shown } from './model.ts'
import { serverScripts, type Step } from './server-scripts.ts'
import { everyAnswerThenFin, fill, MIB } from './scenes.ts'

/** Clients that speak, leave, break off and do not read, and `close()` at every moment. */
export const CLIENTS: Conversations<Step> = { scripts: serverScripts(), drawn: 5, draw, play }

// --- internal ---

const MAX_LINE = 40

interface Client {
  readonly name: string
  readonly wire: Connection
  readonly events: Event[]
  /** Sent to a client that does not read. */
  held: Buffer
  reads: boolean
  /** It has sent FIN or RST. */
  left: 'open' | 'FIN' | 'RST'
}

interface Talk {
  readonly server: RemoteServer
  readonly clients: Map<string, Client>
  readonly closes: Array<Call<void>>
}

async function play(c: Check, steps: readonly Step[]): Promise<void> {
  const isLong = steps.some((step) => 'fills' in step)
  const server = await c.learner.serve('startEcho', {
    maxLineBytes: isLong ? 2 * MIB : MAX_LINE,
    onConnection: () => undefined,
  })
  const talk: Talk = { server, clients: new Map(), closes: [] }
  const word = c.random.word()
  for (const step of steps) {
    if (!(await take(c, talk, step, word))) continue
    await c.learner.idle()
    await compare(c, talk, isLong ? 2 * MIB : MAX_LINE, step)
  }
  await leave(c, talk)
}

/** @returns Whether the step meant anything. */
async function take(c: Check, talk: Talk, step: Step, word: string): Promise<boolean> {
  if ('wait' in step) return await then(c.learner.tick(step.wait))
  if ('close' in step) return closes(talk)
  const client = talk.clients.get(step.client)
  if ('opens' in step) return client === undefined && talk.closes.length === 0 && (await opens(c, talk, step))
  if (!client || client.left === 'RST') return false
  if ('reads' in step) return await reads(c, client)
  // Nothing comes behind a FIN but the reset of somebody who has not read its answers.
  if (client.left !== 'open') return breaksOff(client, step)
  if ('fills' in step) return !client.reads && (await fills(c, client))
  if ('leaves' in step) return await leaves(client, step.leaves)
  const bytes = Buffer.from(step.says.replaceAll('WORD', word), 'latin1')
  client.events.push({ sent: bytes })
  return await then(client.wire.send(bytes))
}

async function breaksOff(client: Client, step: Step): Promise<boolean> {
  if (client.reads || !('leaves' in step) || step.leaves === 'FIN') return false
  return await leaves(client, 'RST')
}

async function then(done: Promise<unknown>): Promise<true> {
  await done
  return true
}

/** What comes after it is thrown away, so that every client's history has an end here. */
function closes({ server, clients, closes: calls }: Talk): true {
  calls.push(server.close())
  for (const { events } of clients.values()) events.push({ closing: true })
  return true
}

async function opens(
  c: Check,
  { server, clients }: Talk,
  step: Extract<Step, { opens: unknown }>,
): Promise<true> {
  const paused = step.opens === 'does not read'
  const left = step.opens === 'reads' || paused ? 'open' : 'RST'
  const connects = async (): Promise<Connection> => {
    const wire = await c.connect(server.port, { name: step.client, paused })
    if (left === 'RST') await wire.reset({ now: true })
    return wire
  }
  const isAsleep = step.opens === 'is gone before it is accepted'
  const wire = await (isAsleep ? c.learner.asleep(connects) : connects())
  clients.set(step.client, {
    name: step.client,
    wire,
    events: [],
    held: Buffer.alloc(0),
    reads: !paused,
    left,
  })
  return true
}

async function fills(c: Check, client: Client): Promise<true> {
  client.held = await fill(c, client.wire)
  return true
}

async function leaves(client: Client, how: 'FIN' | 'RST'): Promise<true> {
  client.left = how
  if (how === 'FIN') client.events.push({ fin: true })
  await (how === 'FIN' ? client.wire.fin() : client.wire.reset())
  return true
}

async function reads(c: Check, client: Client): Promise<boolean> {
  if (client.reads) return false
  client.reads = true
  client.wire.read()
  await c.learner.idle()
  return true
}

async function compare(
  c: Check,
  { clients, closes: calls }: Talk,
  maxLineBytes: number,
  step: Step,
): Promise<void> {
  for (const client of clients.values()) {
    if (client.left === 'RST' || !client.reads) continue
    if (client.held.length > 0) await comparedHeld(c, client, step)
    else await sameAs(c, client, shownBy(client.events, maxLineBytes), step)
  }
  await stillRead(c, [...clients.values()], maxLineBytes)
  // How much of a slow reader's answers the system has taken, nobody sees: then both are right.
  if ([...clients.values()].some((client) => client.left === 'FIN' && !client.reads)) return
  const gone = isClosed([...clients.values()].map(({ left }) => ({ gone: left !== 'open' })))
  for (const [index, call] of calls.entries())
    await c.blame('R10', () => {
      const which = index === 0 ? 'close()' : `close() number ${index + 1}`
      if (gone)
        c.expect(
          call.settled,
          `${which} resolved: every client has gone`,
          'it is pending, and your program idle',
        )
      else
        c.expect(!call.settled, `${which} still pending: a client is still there`, 'it has settled already')
      if (call.outcome && !call.outcome.ok)
        c.fail(`${which} to resolve`, `it rejected: ${call.outcome.error.message}`)
    })
}

/** Behind its own FIN too, a server reads until the client's. */
async function stillRead(c: Check, clients: readonly Client[], maxLineBytes: number): Promise<void> {
  for (const { name, wire, left, events } of clients) {
    if (left !== 'open' || wire.ended !== 'FIN' || (await wire.takesMore())) continue
    await c.blame(shownBy(events, maxLineBytes).refused ? 'R6' : 'R10', () =>
      c.fail(`what ${name} sends behind your FIN read, and thrown away`, 'RST from you'),
    )
  }
}

async function sameAs(c: Check, { name, wire }: Client, wanted: Shown, step: Step): Promise<void> {
  const answers = Buffer.concat(wanted.lines.flatMap((line) => [line, Buffer.from('\n')]))
  const own = wire.received.subarray(0, answers.length)
  const rest = wire.received.subarray(answers.length)
  const of = 'wait' in step && wanted.requirement === 'R3' ? 'R1' : wanted.requirement
  await c.blame(of, () => {
    c.expectBytes(own, answers, `the answers to ${name}`)
    const text = rest.toString('latin1')
    if (wanted.refused)
      c.expect(/^ERR[^\n]*\n$/.test(text), 'one line that begins with ERR, then FIN', told(text))
    else
      c.expect(
        text === '',
        `nothing behind the answers to ${name}`,
        `${rest.length} bytes: ${JSON.stringify(text.slice(0, 60))}`,
      )
    c.expect(
      wire.ended === wanted.end,
      ends(wanted.end, name),
      wire.ended === 'open' ? 'none: the connection is open' : `${wire.ended} from you`,
    )
  })
}

function ends(end: 'open' | 'FIN', name: string): string {
  return end === 'FIN' ? `FIN from your server to ${name}` : `the connection of ${name} still open`
}

function told(text: string): string {
  return text === '' ? 'nothing' : JSON.stringify(text.slice(0, 60))
}

/** A client that has not read for a while has all its answers once it does. */
async function comparedHeld(c: Check, client: Client, step: Step): Promise<void> {
  const { wire, held, events } = client
  const ending = events.some((event) => 'fin' in event || 'closing' in event)
  await c.blame(
    'wait' in step || !ending ? 'R9' : events.some((event) => 'closing' in event) ? 'R10' : 'R7',
    async () => {
      if (ending) await everyAnswerThenFin(c, wire, held)
      else c.expectBytes(wire.received, held, `the answers to ${client.name}`)
    },
  )
}

/** All go, so that the next conversation meets nobody of this one. */
async function leave(c: Check, { server, clients, closes: calls }: Talk): Promise<void> {
  for (const client of clients.values()) if (client.left === 'open') await leaves(client, 'RST')
  const last = calls.length === 0 ? server.close() : null
  await c.learner.idle()
  const [first] = [...calls, last]
  await c.blame('R10', () =>
    c.expect(
      first?.settled === true,
      'close() resolved: every client has gone',
      'it is pending, and your program idle',
    ),
  )
  await c.blame('R8', () => c.learner.leavesNothing())
}

function draw(random: Random): Step[] {
  const client = (): string => random.pick(['ann', 'bob'])
  const says = (): string =>
    random.pick([
      'WORD\n',
      'WO',
      'RD\r',
      '\n',
      '\r\n',
      '\xc3',
      '\xa9\n',
      'x'.repeat(random.integer(38, 42)),
      '\0 \n',
      '',
    ])
  const step = (): Step =>
    random.pick<Step>([
      { client: client(), says: says() },
      { client: client(), says: says() },
      { client: client(), says: `${says()}${says()}` },
      { client: client(), leaves: random.pick(['FIN', 'RST'] as const) },
      { wait: 3_600_000 },
      { close: true },
    ])
  return [
    { client: 'ann', opens: 'reads' },
    { client: 'bob', opens: 'reads' },
    ...Array.from({ length: random.integer(3, 9) }, step),
  ]
}
