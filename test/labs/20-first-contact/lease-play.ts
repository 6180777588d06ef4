import type { Call, Check } from '../../../workbook/grading/check.ts'
import { answer, arrivals, dnsOf, ALL, lanOf, type Arrived, type Lan } from './lan.ts'
import { LeaseModel, type Held, type Outcome, type Sent } from './model.ts'
import type { Said, Script, Step } from './steps.ts'

/** Plays the steps against a lease, and compares it with the model behind each of them. */

interface RemoteLease {
  begin(): Call<unknown>
  release(): Call<void>
}

type Tell = (held: unknown) => void

export interface Talk {
  readonly c: Check
  readonly lan: Lan
  readonly model: LeaseModel
  readonly lease: RemoteLease
  readonly calls: Array<Call<unknown>>
  readonly changes: unknown[]
  readonly probed: string[]
  /** Ends the question whether the address is in use. */
  probes: Array<(inUse: boolean) => void>
  readonly zero: number
  isIdle: boolean
  setDice(value: number): PromiseLike<unknown>
}

export async function play(c: Check, steps: Script): Promise<void> {
  const talk = await begin(c)
  let requirement = 'R6'
  for (const step of steps) {
    const tried = await take(talk, step)
    if (tried === null) continue
    requirement = tried
    await compare(talk, requirement)
  }
  await end(talk, requirement)
}

/** @param hear - Takes what onChange() is told to another listener, in the program's process. */
export async function begin(c: Check, hear?: (tell: Tell) => PromiseLike<unknown>): Promise<Talk> {
  c.learner.holdClock()
  const lan = await lanOf(c)
  const model = new LeaseModel()
  model.dice = c.random.integer(1, 15)
  const zero = c.random.integer(-1_000_000_000, 1_000_000_000)
  const random = await c.learner.make<object>('dice', model.dice / 16)
  const now = await c.learner.make<object>('startingAt', c.learner.clock, zero)
  const talk = {
    c,
    lan,
    model,
    calls: [],
    changes: [] as unknown[],
    probed: [] as string[],
    probes: [] as Talk['probes'],
    zero,
    isIdle: false,
  }
  const tell: Tell = (held) => void talk.changes.push(held)
  const lease = await c.learner.construct<RemoteLease>('Lease', {
    server: { host: ALL, port: lan.port },
    clientPort: 0,
    mac: lan.mac,
    now,
    random,
    inUse: (address: string) => {
      talk.probed.push(address)
      return new Promise<boolean>((resolve) => void talk.probes.push(resolve))
    },
    onChange: hear ? await hear(tell) : tell,
  })
  return { ...talk, lease, setDice: (value) => c.learner.make('setDice', random, value / 16) }
}

/** @returns Whose promise it tries; null where it means nothing. */
export async function take(talk: Talk, step: Step): Promise<string | null> {
  const { c, lan, model, lease } = talk
  if ('dice' in step) {
    model.dice = step.dice
    await talk.setDice(step.dice)
    return null
  }
  if ('says' in step) {
    if (lan.client === 0) return null
    const { says: type, from, grant, fault } = step
    const isLate = fault === 'an earlier xid'
    if (isLate && model.earlier === model.xid) return null
    // What becomes of a lease that is over when it is granted, nobody has promised.
    if (type === 'ack' && model.wouldBeOver(grant)) return null
    c.step(saying(step))
    await answer(c, lan, step, isLate ? model.earlier : model.xid)
    return model.hear({ type, from, grant, counts: fault === undefined || isHarmless(fault, type) })
  }
  if ('inUse' in step) {
    if (model.phase !== 'probing') return null
    for (const probe of talk.probes.splice(0)) probe(step.inUse)
    return model.probe(step.inUse)
  }
  if ('wait' in step) {
    const milliseconds = lengthOf(model, step.wait)
    if (milliseconds <= 0) return null
    await c.learner.tick(milliseconds)
    talk.isIdle = true
    const phase = model.phase
    return model.tick(milliseconds) ?? WAITING[phase]
  }
  if (step.does === 'begin') {
    talk.calls.push(lease.begin())
    return model.begin()
  }
  const requirement = model.release()
  await c.blame(requirement, async () => await lease.release())
  return requirement
}

export async function compare(talk: Talk, requirement: string): Promise<Arrived[]> {
  const { c, lan, model } = talk
  // Behind a tick it is proven already.
  if (!talk.isIdle) await c.learner.idle()
  talk.isIdle = false
  return await c.blame(requirement, () => {
    const came = arrivals(c, lan)
    const due = model.sent.splice(0).map((sent) => told(talk, sent))
    const seen = came.map((each) => toldOf(each, lan))
    c.expectEqual(seen.toSorted(), due.toSorted(), 'the messages that leave now')
    for (const { op, chaddr, secs } of came) {
      c.expectEqual(op, 1, 'the `op` of your message')
      c.expectEqual(chaddr, lan.mac, 'the `chaddr` of your message')
      c.expectEqual(secs, 0, 'the `secs` of your message')
    }
    c.expectEqual(talk.probed, model.probed.map(lan.address), 'the addresses that inUse() was asked about')
    const changes = model.changes.map((held) => held && configurationOf(talk, held))
    c.expectEqual(talk.changes, changes, 'what onChange() was told')
    for (const [index, call] of talk.calls.entries()) compareCall(talk, call, model.calls[index] ?? null)
    return came
  })
}

/** What is under way is given back, and then nothing is left. */
export async function end(talk: Talk, requirement: string): Promise<void> {
  const { c, lan, model } = talk
  if (model.phase === 'rest') return await c.blame(requirement, () => c.learner.leavesNothing())
  await take(talk, { does: 'release' })
  await compare(talk, 'R15')
  await c.blame('R15', () => c.learner.leavesNothing())
  lan.client = 0
}

function configurationOf({ lan, zero }: Talk, held: Held): object {
  const { grant, server, renewAt, rebindAt, expiresAt } = held
  return {
    address: lan.address(grant.address),
    mask: grant.bare ? null : '255.255.255.0',
    routers: grant.bare ? [] : [lan.server(0)],
    dns: grant.bare ? [] : dnsOf(lan),
    server: lan.server(server),
    renewAt: zero + renewAt,
    rebindAt: zero + rebindAt,
    expiresAt: zero + expiresAt,
  }
}

// --- internal ---

/** Whose promise a silence is, where nothing happens by itself. */
const WAITING = {
  rest: 'R14',
  selecting: 'R8',
  requesting: 'R8',
  probing: 'R10',
  declined: 'R10',
  bound: 'R11',
  renewing: 'R13',
} as const

/** A NAK says nothing of addresses and times. */
function isHarmless(fault: string, type: string): boolean {
  return type === 'nak' && ['no address', 'no time', 'a short time'].includes(fault)
}

/** What the bytes of an answer do not show at a glance: its times, and by what it is none. */
function saying({ says, from, grant: { seconds, t1, t2 }, fault }: Said): string {
  const times = [`${seconds} s`, t1 === undefined ? '' : `T1 ${t1} s`, t2 === undefined ? '' : `T2 ${t2} s`]
  const words =
    says === 'nak' ? 'NAK' : `${says === 'ack' ? 'ACK' : 'OFFER'} of ${times.filter(Boolean).join(', ')}`
  return `server ${from + 1}: ${words}${fault === undefined ? '' : `, but: ${fault}`}`
}

function lengthOf(model: LeaseModel, wait: Extract<Step, { wait: unknown }>['wait']): number {
  if (typeof wait === 'number') return wait
  if (wait === 'a millisecond') return 1
  const { held, now } = model
  if (wait === 'T2' || wait === 'almost T2') return (held?.rebindAt ?? 0) - now - (wait === 'T2' ? 0 : 1)
  if (wait === 'end' || wait === 'almost the end')
    return (held?.expiresAt ?? 0) - now - (wait === 'end' ? 0 : 1)
  const left = Number.isFinite(model.left) ? model.left : 1_000_000
  return wait === 'all' ? left : wait === 'almost' ? left - 1 : Math.floor(left / 2)
}

function compareCall(talk: Talk, { outcome }: Call<unknown>, wanted: Outcome): void {
  const { c } = talk
  const code = outcome?.ok === false ? (outcome.error.code ?? outcome.error.message) : null
  const saw = outcome === null ? 'nothing' : outcome.ok ? 'a lease' : `an error: ${code}`
  if (!wanted) return c.expect(outcome === null, 'a begin() that still waits', saw)
  if ('code' in wanted) return c.expect(code === wanted.code, `begin() to reject with ${wanted.code}`, saw)
  c.expect(outcome?.ok === true, 'begin() to settle with a lease', saw)
  if (outcome?.ok) c.expectEqual(outcome.value, configurationOf(talk, wanted), 'what begin() settles with')
}

function told({ lan }: Talk, { type, to, xid, ciaddr, requested, server }: Sent): string {
  return line(type, placeOf(to), {
    xid,
    broadcast: isBroadcast(type) ? ciaddr === null : null,
    ciaddr: ciaddr === null ? '0.0.0.0' : lan.address(ciaddr),
    requested: requested === null ? null : lan.address(requested),
    server: server === null ? null : lan.server(server),
  })
}

function toldOf({ type, to, xid, broadcast, ciaddr, requested, server }: Arrived, _lan: Lan): string {
  return line(type, placeOf(to), {
    xid: isBroadcast(type) ? xid : null,
    broadcast: isBroadcast(type) ? broadcast : null,
    ciaddr,
    // What a DISCOVER asks for besides is left to the program.
    requested: type === 'DISCOVER' ? null : requested,
    server,
  })
}

function isBroadcast(type: string): boolean {
  return type === 'DISCOVER' || type === 'REQUEST'
}

function placeOf(to: number | 'all'): string {
  return to === 'all' ? 'all' : `server ${to + 1} alone`
}

function line(
  type: string,
  to: string,
  facts: {
    xid: number | null
    broadcast: boolean | null
    ciaddr: string
    requested: string | null
    server: string | null
  },
): string {
  const { xid, broadcast, ciaddr, requested, server } = facts
  return [
    `${type} to ${to}`,
    xid === null ? '' : `xid ${xid.toString(16)}`,
    broadcast === null ? '' : broadcast ? 'BROADCAST' : 'no BROADCAST',
    `ciaddr ${ciaddr}`,
    `requested ${requested ?? 'none'}`,
    `server ${server ?? 'none'}`,
  ]
    .filter(Boolean)
    .join(', ')
}
