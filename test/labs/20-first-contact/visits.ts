import type { Call, Check, Connection, Listener } from '../../../workbook/grading/check.ts'
import type { Conversations } from '../../../workbook/grading/conversation.ts'
import { selfSigned } from './certificate.ts'
import { ALL, answer, arrivals, dnsOf, lanOf, type Arrived, type Lan } from './lan.ts'
import { ack, offer } from './steps.ts'
import { WHY } from './predictions.ts'
import { TlsServer } from './tls-server.ts'
import { VisitModel, type Answer, type Destination, type Says } from './visit-model.ts'

/** Whole journeys: the grader is the LAN, the name system and the server at their end. */

export type VisitStep =
  | { readonly to: Destination }
  | Exclude<Says, { lost: true } | { accepts: boolean }>
  /** To half of the lease, or to its end. */
  | { readonly until: 'T1' | 'end' }
  | { readonly renews: 'ack' | 'nak' }

interface Played {
  readonly c: Check
  readonly to: Destination
  readonly lan: Lan
  readonly model: VisitModel
  readonly listener: Listener
  readonly call: Call<Record<string, unknown>>
  readonly name: string
  readonly address: string
  readonly target: string
  readonly body: Buffer
  readonly identity: ReturnType<typeof selfSigned>
  readonly asked: unknown[]
  readonly resolvers: Array<(fault: string | null) => void>
  connection: Connection | null
  /** By the server; its end hears nothing more. */
  wasReset: boolean
  tls: TlsServer | null
  seconds: number
  xid: number
  releases: number
  /** It has asked for its lease again, and has no answer yet. */
  asksAgain: boolean
}

export async function playVisit(c: Check, steps: readonly VisitStep[]): Promise<void> {
  c.learner.holdClock()
  const [{ to } = { to: { scheme: 'http', by: 'name' } as Destination }] = steps.filter(
    (step): step is { to: Destination } => 'to' in step,
  )
  const played = await begin(c, to)
  let about = 'R20'
  for (const step of steps) {
    const tried = 'to' in step ? null : await take(played, step)
    if (tried === null) continue
    about = tried
    await compare(played, about)
  }
  // Whoever waits still is let go by a lease that is refused or runs out.
  if (!played.model.isOver) await finish(played)
}

export const visits = (
  scripts: Readonly<Record<string, readonly VisitStep[]>>,
): Conversations<VisitStep> => ({ scripts, drawn: 0, play: playVisit })

// --- internal ---

async function begin(c: Check, to: Destination): Promise<Played> {
  const { random, learner } = c
  const lan = await lanOf(c)
  const listener = await c.listen({ name: 'web server' })
  const [name, address] = [to.isLikeAddress ? `${lan.server(7)}.fade` : `${random.word()}.lan`, lan.server(9)]
  const port = to.port ?? (to.scheme === 'https' ? 443 : 80)
  const target = to.target ?? `/${random.word()}?${random.word()}=1`
  const covered = { name, address, 'another name': `${random.word()}.lan`, expired: name, untrusted: name }[
    to.cert ?? to.by
  ]
  const identity = selfSigned(covered, to.cert === 'expired' ? 'past' : 'future')
  const { cert } = to.cert === 'untrusted' ? selfSigned(name) : identity
  const asked: unknown[] = []
  const resolvers: Played['resolvers'] = []
  const place = `${to.by === 'name' ? name : address}${to.port === undefined ? '' : `:${to.port}`}`
  const call = learner.call<Record<string, unknown>>('visit', {
    url: `${to.scheme}://${place}${target}`,
    lease: {
      server: { host: ALL, port: lan.port },
      clientPort: 0,
      mac: lan.mac,
      now: await learner.make('startingAt', learner.clock, random.integer(-1_000_000, 1_000_000)),
      random: await learner.make('dice', 0.5),
      inUse: () => false,
    },
    resolve: (...args: unknown[]) => {
      asked.push(args)
      return new Promise((resolve, reject) => {
        resolvers.push((code) =>
          code === null ? resolve(address) : reject(Object.assign(new Error('no address'), { code })),
        )
      })
    },
    ca: cert,
  })
  const rest = {
    connection: null,
    wasReset: false,
    tls: null,
    seconds: 4_096,
    xid: 0,
    releases: 0,
    asksAgain: false,
  }
  learner.permit(address, port, to.refuses ? 'refused' : listener)
  const body = random.bytes(to.isEmpty ? 0 : random.integer(200, 3_000))
  const played = {
    c,
    to,
    lan,
    model: new VisitModel(to),
    listener,
    call,
    name,
    address,
    target,
    body,
    identity,
    asked,
    resolvers,
    ...rest,
  }
  await learner.idle()
  look(played, arrivals(c, lan))
  return played
}

async function take(played: Played, step: Exclude<VisitStep, { to: Destination }>): Promise<string | null> {
  const { c, lan, model } = played
  if ('until' in step) {
    // While it asks, the next half of the time leads to the end.
    if (!model.isLeased || (step.until === 'T1' && played.asksAgain)) return null
    await c.learner.tick(played.seconds * (step.until === 'T1' ? 500 : 1_000))
    return step.until === 'end' ? model.take({ lost: true }) : 'R24'
  }
  if ('renews' in step) {
    // To a program that has asked for nothing it says nothing.
    if (!model.isLeased || !played.asksAgain) return null
    played.asksAgain = false
    await answer(
      c,
      lan,
      step.renews === 'ack' ? ack({ seconds: played.seconds }) : { ...ack(), says: 'nak' },
      played.xid,
    )
    return step.renews === 'nak' ? model.take({ lost: true }) : 'R24'
  }
  if ('grants' in step && model.stage === 'lease') await grant(played, step.grants)
  if ('resolves' in step && model.stage === 'name')
    for (const resolve of played.resolvers.splice(0)) resolve(step.resolves === true ? null : step.resolves)
  if ('answers' in step && model.mayAnswer) await respond(played, step.answers)
  if ('ends' in step && model.isConnected) await end(played, step.ends)
  return model.take(step)
}

async function grant(played: Played, seconds: number): Promise<void> {
  const { c, lan } = played
  played.seconds = seconds
  await answer(c, lan, offer({ seconds }), played.xid)
  await c.learner.idle()
  look(played, arrivals(c, lan))
  await answer(c, lan, ack({ seconds }), played.xid)
}

async function respond({ c, body, connection, tls }: Played, how: Answer): Promise<void> {
  const length = how === 'to the FIN' ? '' : `Content-Length: ${body.length}\r\n`
  const head = `HTTP/1.1 200 Fine\r\nX-Of: ${body.length}\r\n${length}\r\n`
  const bytes = Buffer.concat([Buffer.from(head), how === 'half' ? body.subarray(0, body.length >> 1) : body])
  // In one write: behind its own FIN a program may read on in its own way.
  const parts = how === 'more' ? [Buffer.concat([bytes, Buffer.from('more')])] : c.random.split(bytes, 3)
  for (const part of parts) await (tls ? tls.send(part) : connection?.sendInParts([part]))
}

async function end(played: Played, how: 'FIN' | 'RST'): Promise<void> {
  const { tls, connection } = played
  played.wasReset = how === 'RST'
  if (how === 'RST') await connection?.reset()
  else await (tls ? tls.end() : connection?.fin())
}

async function compare(played: Played, about: string): Promise<void> {
  const { c, lan, model, call, asked } = played
  await c.learner.idle()
  await meet(played)
  const promise = model.failure?.code.includes('CERT') ? 'R22' : about
  await c.blame(promise, async () => {
    if (model.stages.includes('lease'))
      c.expectEqual(
        asked,
        played.to.by === 'name' ? [[played.name, dnsOf(lan)]] : [],
        'what resolve() was asked',
      )
    look(played, arrivals(c, lan))
    c.expectEqual(played.listener.accepted, played.connection ? 1 : 0, 'how many connections you have made')
    c.expectEqual(played.releases, model.isReleased ? 1 : 0, 'how many RELEASE have come')
    if (model.stage === 'close' && !model.isOver)
      c.expectEqual(played.connection?.ended, 'FIN', 'your side of the connection behind the whole answer')
    if (!model.isOver) return c.expectEqual(call.settled, false, 'whether the journey is over already')
    if (played.connection && !played.wasReset)
      c.expect(played.connection.ended !== 'open', 'your side of the connection ended', 'open')
    await judge(played)
    await c.learner.leavesNothing()
  })
}

/** The server at the end: takes the connection, and reads what is asked. */
async function meet(played: Played): Promise<void> {
  const { c, model, listener, identity, to } = played
  if (model.stage !== 'connection' || model.isOver) return
  if (to.refuses) return void model.take({ accepts: false })
  played.connection ??= await listener.connection()
  if (to.silent) return
  if (to.scheme === 'https') {
    played.tls = new TlsServer(c, played.connection, identity)
    await played.tls.carry()
    await c.blame('R22', () =>
      c.expectEqual(played.tls?.serverName, to.by === 'name' ? played.name : null, 'the name that SNI says'),
    )
  }
  model.take({ accepts: true })
  const heard = played.tls ? played.tls.received : played.connection.received
  if (model.isOver) {
    if (to.by === 'address') c.observe('P3', heard.length > 0 ? 'c' : 'b', WHY.P3)
    return await c.blame('R22', () =>
      c.expectEqual(heard.length, 0, 'the bytes that you say to a server whose certificate does not hold'),
    )
  }
  await c.blame('R21', () => expectRequest(played, heard))
}

function expectRequest({ c, to, target, name, address }: Played, heard: Buffer): void {
  const [start = '', ...lines] = heard.toString('latin1').split('\r\n')
  c.expectEqual(start, `GET ${target} HTTP/1.1`, 'the first line of your request')
  c.expectEqual(heard.subarray(-4).toString(), '\r\n\r\n', 'the end of your request')
  const fields = Object.fromEntries(
    lines.map((line) => [line.split(':')[0]?.toLowerCase() ?? '', line.slice(line.indexOf(':') + 1).trim()]),
  )
  const host = `${to.by === 'name' ? name : address}${to.port === undefined ? '' : `:${to.port}`}`
  c.expectEqual(fields['host'], host, 'Host')
  c.expectEqual(fields['connection']?.toLowerCase(), 'close', 'Connection')
}

function look(played: Played, came: readonly Arrived[]): void {
  const { c, lan, model } = played
  for (const { type, to, xid, ciaddr, server } of came) {
    if (type === 'DISCOVER' || (type === 'REQUEST' && ciaddr === '0.0.0.0')) played.xid = xid
    else if (type === 'REQUEST') {
      played.xid = xid
      played.asksAgain = true
    } else {
      c.expectEqual([type, to, server], ['RELEASE', 0, lan.server(0)], 'the last message to the DHCP server')
      c.expect(model.isReleased, 'no RELEASE yet', 'RELEASE')
      played.releases++
    }
  }
}

async function judge({ c, call, model, lan, body }: Played): Promise<void> {
  const { stages, failure, response, configuration } = (await call) ?? {}
  c.expectEqual(stages, model.stages, 'the `stages` of the journey')
  const { stage, code, message } = (failure ?? {}) as Record<string, unknown>
  c.expectEqual(failure === null ? null : { stage, code }, model.failure, 'the `failure` of the journey')
  if (failure !== null) c.expectEqual(typeof message, 'string', 'the type of its `message`')
  c.expectEqual(
    (configuration as { address?: string } | null)?.address,
    lan.address(3),
    'the address in `configuration`',
  )
  if (!model.hasAnswer) return c.expectEqual(response, null, 'the `response`')
  const { status, headers, body: read } = (response ?? {}) as Record<string, unknown>
  c.expectEqual(status, 200, 'the status of the `response`')
  const of = (Array.isArray(headers) ? headers : []).find(
    ([name]) => String(name).toLowerCase() === 'x-of',
  ) as unknown[] | undefined
  c.expectEqual(of?.[1], String(body.length), 'a field of the `response`')
  c.expectBytes(Buffer.isBuffer(read) ? read : String(read), body, 'the body of the `response`')
}

/** Lets go what still waits, so that nothing of it is left for the next conversation. */
async function finish(played: Played): Promise<void> {
  const { c, lan, model } = played
  if (!model.isLeased) {
    await c.learner.tick(200_000)
    arrivals(c, lan)
    return
  }
  await c.learner.tick(played.seconds * 1_000)
  model.take({ lost: true })
  await compare(played, 'R24')
}
