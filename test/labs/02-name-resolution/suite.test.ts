import { lab } from '../../../workbook/grading/lab.ts'
import type { Check } from '../../../workbook/grading/check.ts'
import { ADDRESSES } from './addresses.ts'
import { BROKEN, expectBroken, expectEveryCut } from './broken.ts'
import { expectChance } from './chance.ts'
import { TALKS } from './conversations.ts'
import { drawSections, expectDecoded } from './messages.ts'
import { BAD_NAMES, expectBadName, expectGoodName, expectQuery, GOOD_NAMES } from './names.ts'
import { expectDeep, expectFar, POINTED } from './pointers.ts'
import { WHY } from './predictions.ts'
import { absent, alias, ask, CLOSE, found, reply, seconds, setup, wait, type Step } from './steps.ts'
import { begin, compare, end, take, type Talk } from './talk.ts'

lab('02-name-resolution', ({ check, converse }) => {
  check('R1', 'the query that the demo shows', (c) => expectQuery(c, 0x1001, 'prices.lan', 'A'))

  check('R1', 'names and ids of every kind', async (c) => {
    for (const name of GOOD_NAMES) await expectGoodName(c, name)
    for (const id of [0, 1, 255, 256, 0x7fff, 0x8000, 0xffff]) await expectQuery(c, id, 'a.b', 'AAAA')
  })

  check('R2', 'names that nobody can be asked for', async (c) => {
    for (const [name, why] of BAD_NAMES) {
      c.step(`a name with ${why}`)
      await expectBadName(c, name, why)
    }
  })

  check('R2', 'resolve() rejects them, and sends nothing', async (c) => {
    const talk = await begin(c, [])
    for (const [name, why] of BAD_NAMES) {
      const error = await talk.resolver.resolve(name, 'A').rejects()
      c.expectEqual(
        error.code,
        'EBADNAME',
        `the \`code\` of the error for ${JSON.stringify(name.slice(0, 40))}, ${why}`,
      )
    }
    for (const { peer } of talk.servers) await peer.silent()
    await expectPromises(
      c,
      talk,
      BAD_NAMES.map(([name]) => name),
    )
    await c.learner.leavesNothing()
  })

  check('R3', 'a message with every kind of record', (c) => {
    const [zone, host] = [`${c.random.word()}.Lan`, c.random.word().toUpperCase()]
    const name = `${host}.${zone}`
    const sections = {
      id: c.random.integer(0, 0xffff),
      question: [{ name, type: 1 }],
      answers: [
        { name, ttl: 300, data: { cname: zone } },
        { name: zone, ttl: 60, data: { a: '192.0.2.1' } },
        { name: zone, ttl: 61, data: { aaaa: ADDRESSES[0]?.[0] ?? [] } },
        { name: zone, ttl: 0xffff_ffff, data: { type: 16, bytes: c.random.bytes(30) } },
        { name: zone, ttl: 5, class: 3, data: { a: '192.0.2.2' } },
        { name: zone, ttl: 6, class: 4, data: { type: 5, bytes: Buffer.from('\xc0\xff', 'latin1') } },
        { name: zone, ttl: 7, class: 3, data: { aaaa: ADDRESSES[0]?.[0] ?? [] } },
        { name: zone, ttl: 8, class: 3, data: { soa: ['ns.lan', 'root.lan', 7, 7_200, 900, 86_400, 60] } },
      ],
      authority: [
        { name: zone, ttl: 900, data: { soa: [`ns.${zone}`, `root.${zone}`, 7, 7_200, 900, 86_400, 60] } },
      ],
      additional: [{ name: '', ttl: 0, class: 1_232, data: { type: 41, bytes: Buffer.alloc(0) } }],
    } as const
    return expectDecoded(c, sections, 'none', 'with every kind of record')
  })

  check('R3', 'a message of nothing but a header, and each of its flags', async (c) => {
    for (const flags of [
      0,
      ...Array.from({ length: 16 }, (_, bit) => 1 << bit),
      0xffff,
      c.random.integer(0, 0xffff),
    ])
      await expectDecoded(
        c,
        { id: c.random.integer(0, 0xffff), flags },
        'none',
        `with the flags ${flags.toString(16)}`,
      )
  })

  check('R3', 'drawn messages, without pointers', async (c) => {
    for (let count = 0; count < 10; count++)
      await expectDecoded(c, drawSections(c.random), 'none', 'without pointers')
  })

  check('R3', 'names that just fit', async (c) => {
    for (const name of GOOD_NAMES.filter((each) => !each.endsWith('.')))
      await expectDecoded(c, { id: 1, question: [{ name, type: 1 }] }, 'none', 'with a long name')
  })

  check('R3', 'data whose length needs the top bit', (c) => {
    const data = { type: 16, bytes: c.random.bytes(0x8000) }
    const answers = [
      { name: 'a', ttl: 1, data },
      { name: 'b', ttl: 2, data: { a: '192.0.2.1' } },
    ]
    return expectDecoded(c, { id: 1, answers }, 'none', 'with 32,768 bytes in a record')
  })

  check('R3', 'the root is a name', (c) => {
    const data = { soa: ['a.root', '', 1, 2, 3, 4, 5] } as const
    const sections = { id: 1, question: [{ name: '', type: 2 }], authority: [{ name: '', ttl: 60, data }] }
    return expectDecoded(c, sections, 'none', 'about the root')
  })

  check('R4', 'pointers for names, and for their tails', async (c) => {
    for (const sections of POINTED) await expectDecoded(c, sections, 'tails', 'with pointers')
    for (let count = 0; count < 8; count++)
      for (const pointers of ['names', 'tails'] as const)
        await expectDecoded(c, drawSections(c.random), pointers, `with pointers for ${pointers}`)
  })

  check('R4', 'places that need more than eight bits', expectFar)

  check('R4', 'a name of many pointers', expectDeep)

  check('R5', 'IPv4 addresses', async (c) => {
    for (const a of ['0.0.0.0', '255.255.255.255', '10.0.0.1', '127.0.0.1', [...c.random.bytes(4)].join('.')])
      await expectDecoded(c, { id: 1, answers: [{ name: 'a', ttl: 1, data: { a } }] }, 'none', `with ${a}`)
  })

  check('R5', 'IPv6 addresses', async (c) => {
    for (const [aaaa, text] of ADDRESSES)
      await expectDecoded(
        c,
        { id: 1, answers: [{ name: 'a', ttl: 1, data: { aaaa } }] },
        'none',
        `with ${text}`,
      )
  })

  check('R6', 'pointers that go round, lengths that lie', async (c) => {
    for (const [what, bytes] of BROKEN) {
      c.step(`a message with ${what}`)
      await expectBroken(c, what, bytes)
    }
  })

  check('R6', 'a message that is cut anywhere', expectEveryCut)

  converse('R7', 'questions and their answers', TALKS.R7)
  converse('R8', 'what is no answer', TALKS.R8)

  for (const way of ['one after the other', 'at once', 'in rounds'] as const)
    check('R9', `many queries, ${way}`, (c) => expectChance(c, way))

  converse('R10', 'aliases', TALKS.R10)
  converse('R11', 'names and records that do not exist', TALKS.R11)
  check('R11', 'no such name is known sooner than that nobody is there', soonerFailure)
  converse('R12', 'servers that fail', TALKS.R12)
  converse('R13', 'servers that stay silent', TALKS.R13)
  converse('R14', 'answers that do not fit', TALKS.R14)
  converse('R15', 'TCP that fails', TALKS.R15)
  check('R16', 'an alias that is kept for 20 seconds, of an address for 300', shortAlias)
  converse('R16', 'results that are kept', TALKS.R16)
  check('R16', 'each resolver keeps for itself', twoResolvers)
  converse('R17', 'absence that is kept', TALKS.R17)
  check('R18', 'five callers at the same moment', fiveCallers)
  converse('R18', 'callers who ask the same', TALKS.R18)
  check('R18', 'a caller who asks again the moment it has its result', askingAgain)
  check('R19', 'resolve() behind close() rejects, and does not throw', async (c) => {
    const talk = await talkOf(c, [CLOSE])
    await expectPromises(c, talk, [talk.words.name('shop')])
  })
  converse('R19', 'close() at any moment', TALKS.R19)
})

/** A caller who writes `resolve(…).catch(…)` is left without an answer where the call throws. */
async function expectPromises(c: Check, { resolver }: Talk, names: readonly string[]): Promise<void> {
  const [name] = await c.learner.make<string[]>('thrownFor', resolver, names)
  if (name === undefined) return
  const call = `resolve(${JSON.stringify(name.slice(0, 40))}, 'A')`
  c.fail(`a promise from ${call}, which rejects`, 'no promise: the call itself throws')
}

/** Plays a few steps, and goes on from there. */
async function talkOf(c: Check, steps: readonly Step[]): Promise<Talk> {
  const talk = await begin(c, steps)
  for (const step of steps) await compare(talk, (await take(talk, step)) ?? 'R7')
  return talk
}

async function soonerFailure(c: Check): Promise<void> {
  const absence = await talkOf(c, [setup(1, 2), ask('shop'), reply(absent(3))])
  const isAnswered = absence.calls[0]?.call.settled === true
  await end(absence, 'R11')
  const silence = await talkOf(c, [setup(1, 2), ask('shop'), wait('almost')])
  const isGivenUp = silence.calls[0]?.call.settled === true
  c.observe('P1', isAnswered === isGivenUp ? 'c' : isAnswered ? 'a' : 'b', WHY.P1)
  await end(silence, 'R13')
}

async function shortAlias(c: Check): Promise<void> {
  const records = [alias('shop', 'cdn', 20), { of: 'cdn', ttl: 300, address: 1 }]
  const talk = await talkOf(c, [ask('shop'), reply({ records }), seconds(60)])
  const requirement = await take(talk, ask('shop'))
  await c.learner.idle()
  const isAsked = talk.servers.some(({ peer }) => peer.unread.length > 0)
  c.observe('P3', isAsked ? 'b' : 'a', WHY.P3)
  await compare(talk, requirement ?? 'R16')
  await compare(await then(talk, reply(found('shop'))), 'R7')
  await end(talk, 'R16')
}

async function then(talk: Talk, step: Step): Promise<Talk> {
  await take(talk, step)
  return talk
}

/** Two resolvers, and the same name: each has its own servers, and its own results. */
async function twoResolvers(c: Check): Promise<void> {
  const one = await begin(c, [], undefined, 0)
  c.step('the clock of the first resolver shows 0')
  const other = await begin(c, [], one.words)
  for (const [talk, ttl] of [
    // Their clocks show different times.
    [one, 1_000_000],
    [other, 50],
  ] as const) {
    const steps = [ask('shop'), reply(found('shop', ttl, 2)), ask('shop')]
    for (const step of steps) {
      await take(talk, step)
      await compare(talk, 'R16')
    }
  }
  await end(one, 'R16')
  await compare(await then(other, ask('shop')), 'R16')
  await end(other, 'R16')
}

async function fiveCallers(c: Check): Promise<void> {
  const talk = await begin(c, [])
  await take(talk, ask('shop'))
  for (let count = 1; count < 5; count++) void talk.resolver.resolve(talk.words.name('shop'), 'A')
  await c.learner.idle()
  const queries = talk.servers.reduce((sum, { peer }) => sum + peer.unread.length, 0)
  c.observe('P2', queries === 0 ? 'c' : queries === 1 ? 'b' : 'a', WHY.P2)
  await compare(talk, 'R18')
  await end(talk, 'R18')
}

/** The program's own code goes on as soon as a promise settles: what is over is shared no longer. */
async function askingAgain(c: Check): Promise<void> {
  const talk = await begin(c, [])
  await compare(talk, (await take(talk, ask('shop'))) ?? 'R18')
  void c.learner.make('askAgain', talk.resolver, talk.words.name('shop'))
  await c.learner.idle()
  c.step('a second caller shares the question; with its result, of TTL 0, it asks for the same name again')
  await take(talk, reply(found('shop', 0)))
  talk.model.call(talk.calls.length, 'shop', 'A')
  await compare(talk, 'R18')
  await compare(await then(talk, reply(found('shop'))), 'R18')
  await end(talk, 'R18')
}
