import type { Check } from '../../../workbook/grading/check.ts'
import { lab } from '../../../workbook/grading/lab.ts'
import { expectEncoded, expectNone, packetOf, RECORDED, samples } from './echoes.ts'
import * as leases from './lease-scripts.ts'
import { begin, compare, end, play, take } from './lease-play.ts'
import * as scenes from './lease-scenes.ts'
import * as message from './messages.ts'
import { drawPing, pings, playPing, R18, R19 } from './pings.ts'
import { WHY } from './predictions.ts'
import { ack, BEGIN, leased, offer, wait, type Scripts } from './steps.ts'
import * as journeys from './visit-scripts.ts'
import { playVisit, visits } from './visits.ts'

const talks = (scripts: Scripts) => ({ scripts, drawn: 0, play })
const { draw } = leases

lab('20-first-contact', ({ check, converse }) => {
  check('R1', 'messages of every kind', async (c) => {
    for (let count = 0; count < 8; count++)
      await message.expectFields(c, message.drawMessage(c.random, { 53: Buffer.of(1) }))
  })

  check('R2', 'options of every length', async (c) => {
    await message.expectOptions(c, { 53: Buffer.of(3), 50: Buffer.of(192, 0, 2, 1), 12: Buffer.alloc(0) })
    for (const length of [43, 44, 45, 46, 254, 255, 256, 300, 510, 511, 700])
      await message.expectOptions(c, {
        53: Buffer.of(3),
        43: c.random.bytes(length),
        1: c.random.bytes(4),
        224: c.random.bytes(2),
      })
  })

  check('R3', 'what dnsmasq has said', async (c) => {
    for (const name of ['OFFER', 'ACK'] as const) {
      const { bytes, wanted } = message.recorded(name)
      await message.expectDecoded(c, bytes, wanted, `of dnsmasq: ${name}`)
    }
  })

  check('R3', 'fields and options as they stand there', async (c) => {
    for (const [what, tail, options] of message.TAILS) await message.expectPlaced(c, { tail }, options, what)
  })

  check('R4', 'options in several parts and places', async (c) => {
    for (const [what, parts, options] of message.PLACES) await message.expectPlaced(c, parts, options, what)
  })

  check('R5', 'what is no message', async (c) => {
    for (const [what, bytes] of message.BROKEN) await message.expectBroken(c, what, bytes)
  })

  check('R6', 'two servers offer, and one is taken', twoServers)
  converse('R6', 'from nothing to a lease', talks(leases.R6))
  converse('R6', 'servers, callers and the clock in any order', { scripts: {}, draw, drawn: 2, play })
  converse('R7', 'what is no answer', talks(leases.R7))
  converse('R8', 'silence', talks(leases.R8))
  converse('R9', 'refusals', talks(leases.R9))
  converse('R10', 'addresses that are in use', talks(leases.R10))
  check('R11', 'half of the time is over', halfOfTheTime)
  converse('R11', 'renewals', talks(leases.R11))
  converse('R12', 'anybody who answers', talks(leases.R12))
  converse('R13', 'silence behind T1', talks(leases.R13))
  converse('R14', 'ends', talks(leases.R14))
  check('R14', 'begin() again as soon as the loss is told', scenes.beginsWhenTold)
  check('R15', 'begin(), release() and begin() in one turn', scenes.beginsReleasesBegins)
  converse('R15', 'release() at any moment', talks(leases.R15))

  check('R16', 'a ping of Linux, and its answer', async (c) => {
    for (const [echo, packet] of RECORDED) await expectEncoded(c, echo, packet)
  })

  check('R16', 'echoes of every size', async (c) => {
    for (const echo of samples(c)) await expectEncoded(c, echo, packetOf(echo))
  })

  check('R17', 'what is no echo', expectNone)

  converse('R18', 'answers, and silence', pings(R18))
  converse('R19', 'answers that are late, doubled or none', pings(R19))
  converse('R19', 'answers in any order', { scripts: {}, draw: drawPing, drawn: 2, play: playPing })

  converse('R20', 'from no address to a page, and back', visits(journeys.R20))
  converse('R20', 'journeys that go anywhere', {
    scripts: {},
    draw: journeys.drawVisit,
    drawn: 2,
    play: playVisit,
  })
  converse('R21', 'by name and by address', visits(journeys.R21))
  converse('R22', 'certificates', visits(journeys.R22))
  converse('R23', 'failures on the way', visits(journeys.R23))
  converse('R24', 'a lease that ends on the way', visits(journeys.R24))
})

async function twoServers(c: Check): Promise<void> {
  const talk = await begin(c)
  for (const step of [BEGIN, offer({ address: 1 }, 0)]) {
    const about = await take(talk, step)
    await c.learner.idle()
    const told = talk.lan.peers
    if (about === 'R6' && talk.lan.client > 0)
      c.observe('P1', told[1].unread.length > 0 ? 'a' : told.all.unread.length > 0 ? 'b' : 'c', WHY.P1)
    await compare(talk, about ?? 'R6')
  }
  for (const step of [offer({ address: 2 }, 1), ack({ address: 1 }), { inUse: false } as const])
    await compare(talk, (await take(talk, step)) ?? 'R6')
  await end(talk, 'R6')
}

async function halfOfTheTime(c: Check): Promise<void> {
  const talk = await begin(c)
  for (const step of leased()) await compare(talk, (await take(talk, step)) ?? 'R6')
  const about = (await take(talk, wait())) ?? 'R11'
  await c.learner.idle()
  c.observe('P2', talk.lan.peers.all.unread.length > 0 ? 'a' : 'b', WHY.P2)
  await compare(talk, about)
  await compare(talk, (await take(talk, ack())) ?? 'R11')
  await end(talk, 'R11')
}
