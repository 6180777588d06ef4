import type { Rec, Reply } from './model.ts'
import {
  absent,
  alias,
  ask,
  CLOSE,
  forged,
  found,
  OVER_BOTH,
  OVER_UDP,
  reply,
  seconds,
  setup,
  TRUNCATED,
  wait,
  type Step,
} from './steps.ts'

/** The states that every run visits, by requirement. */

type Scripts = Readonly<Record<string, readonly Step[]>>

const rec = (of: string, address: number, ttl = 300): Rec => ({ of, address, ttl })
const records = (...list: readonly Rec[]): Exclude<Reply, string> => ({ records: list })
const code = (number: number): Reply => ({ code: number })
const SOA = [900, 600] as const

const R7: Scripts = {
  'one address': [ask('shop'), reply(found('shop'))],
  'an IPv6 address': [ask('shop', 'AAAA'), reply(found('shop'))],
  'eight addresses, in their order': [ask('shop'), reply(found('shop', 60, 8))],
  'nine IPv6 addresses': [ask('shop', 'AAAA'), reply(found('shop', 60, 9))],
  'a name in upper case': [ask('shop', 'A', 'upper'), reply(found('shop'))],
  'an answer in upper case': [ask('shop'), reply(found('shop'), { upper: true })],
  'a dot at the end': [ask('shop', 'A', 'dot'), reply(found('shop'))],
  'two names, one after the other': [ask('shop'), reply(found('shop')), ask('www'), reply(found('www'))],
  'the least TTL of three': [
    ask('shop'),
    reply(records(rec('shop', 0, 70), rec('shop', 1, 20), rec('shop', 2, 50))),
  ],
}

const forgeries = (say: Reply | undefined, faults: readonly Parameters<typeof forged>[0][]) =>
  faults.map((fault) => forged(fault, say))

const R8: Scripts = {
  ...Object.fromEntries(
    OVER_UDP.filter((fault) => fault !== 'too late').map((fault) => [
      fault,
      [ask('shop'), forged(fault), reply(found('shop'))],
    ]),
  ),
  'an IPv6 question, and answers about others': [
    ask('shop', 'AAAA'),
    ...forgeries(undefined, OVER_BOTH),
    reply(found('shop')),
  ],
  'nothing else is the answer: no such name': [
    ask('shop'),
    ...forgeries(absent(3, SOA), OVER_UDP.slice(0, -1)),
    reply(found('shop')),
  ],
  'nothing else is the answer: a failure': [
    ask('shop'),
    ...forgeries(code(2), OVER_UDP.slice(0, -1)),
    reply(found('shop')),
  ],
  'nothing else is the answer: a cut one': [
    ask('shop'),
    ...forgeries(TRUNCATED, OVER_UDP.slice(0, -1)),
    reply(found('shop')),
  ],
  'nonsense from elsewhere': [
    ask('shop'),
    ...forgeries('nonsense', ['another port', 'another address', 'another id', 'a query']),
    reply(found('shop')),
  ],
  'the wait goes on no longer than it would have': [
    ask('shop'),
    wait('half'),
    forged('another id'),
    forged('another port'),
    wait('almost'),
    wait('a millisecond'),
    reply(found('shop')),
  ],
  'an answer that comes too late': [ask('shop'), wait(), forged('too late'), reply(found('shop', 60, 2))],
  'a failure that comes too late': [
    setup(1, 2),
    ask('shop'),
    wait(),
    forged('too late', code(2)),
    reply(found('shop')),
  ],
  'an alias and its addresses, for another question': [
    ask('shop'),
    reply(records(alias('shop', 'cdn'))),
    forged('too late', found('cdn')),
    forged('another name', found('cdn')),
    reply(found('cdn')),
  ],
  'two questions under way': [
    ask('shop'),
    ask('www'),
    forged('another port'),
    { ...forged('another id'), to: 1 },
    reply(found('www'), { to: 1 }),
    reply(found('shop')),
  ],
}

const chain = (count: number, from = 'shop'): Rec[] =>
  Array.from({ length: count }, (_, index) => alias(index === 0 ? from : `a${index}`, `a${index + 1}`))

const R10: Scripts = {
  'an alias and its address': [ask('shop'), reply(records(alias('shop', 'cdn'), rec('cdn', 3)))],
  'the address in front of its alias': [ask('shop'), reply(records(rec('cdn', 3), alias('shop', 'cdn')))],
  'three aliases, in no order': [
    ask('shop'),
    reply(records(alias('two', 'three', 50), rec('three', 4), alias('one', 'two'), alias('shop', 'one', 70))),
  ],
  'the least TTL is that of an alias': [
    ask('shop'),
    reply(records(alias('shop', 'one'), alias('one', 'two', 11), rec('two', 0, 90), rec('two', 1, 80))),
  ],
  'the least TTL is that of the first alias': [
    ask('shop'),
    reply(records(alias('shop', 'one', 9), alias('one', 'two', 11), rec('two', 0, 90))),
  ],
  'the least TTL is that of an address': [
    ask('shop'),
    reply(records(alias('shop', 'one', 99), rec('one', 0, 90), rec('one', 1, 80))),
  ],
  'aliases in upper case': [
    ask('shop'),
    reply(records(alias('shop', 'one'), alias('one', 'two'), rec('two', 5)), { upper: true }),
  ],
  'addresses of other names': [ask('shop'), reply(records(rec('other', 9), rec('shop', 1), rec('more', 8)))],
  'other names alone': [ask('shop'), reply(records(rec('other', 9), alias('more', 'shop')))],
  'an alias of another name': [
    ask('shop'),
    reply(records(alias('other', 'cdn'), rec('cdn', 9), rec('shop', 1))),
  ],
  'TTLs of other names': [
    ask('shop'),
    reply(records(rec('other', 9, 1), alias('shop', 'cdn', 80), rec('cdn', 1, 70), alias('more', 'cdn', 2))),
  ],
  'an IPv6 address behind an alias': [
    ask('shop', 'AAAA'),
    reply(records(alias('shop', 'cdn'), rec('cdn', 3), rec('cdn', 4))),
  ],
  'the answer stops at the alias': [
    ask('shop'),
    reply(records(alias('shop', 'cdn', 70))),
    reply(found('cdn', 60, 2)),
  ],
  'it stops at the second alias': [
    ask('shop', 'AAAA'),
    reply(records(alias('one', 'two'), alias('shop', 'one', 5))),
    reply(found('two')),
  ],
  'it stops twice': [
    ask('shop'),
    reply(records(alias('shop', 'one'))),
    reply(records(alias('one', 'two', 40))),
    reply(found('two', 50)),
  ],
  'an address of the alias, which has none': [
    ask('shop'),
    reply(records(alias('shop', 'one'), rec('other', 7))),
    reply(found('one')),
  ],
  'the target is asked for in another case': [
    ask('shop'),
    reply(records(alias('shop', 'cdn')), { upper: true }),
    reply(found('cdn'), { upper: true }),
  ],
  'the target has a server that fails, and all rounds': [
    ask('shop'),
    wait(),
    reply(records(alias('shop', 'cdn'))),
    wait(),
    reply(code(2)),
    reply(code(5)),
    reply(found('cdn')),
  ],
  'an alias of itself': [ask('shop'), reply(records(alias('shop', 'shop')))],
  'two aliases of each other': [ask('shop'), reply(records(alias('shop', 'cdn'), alias('cdn', 'shop')))],
  'a loop that does not come back to the name': [
    ask('shop'),
    reply(records(alias('shop', 'one'), alias('one', 'two'), alias('two', 'one'))),
  ],
  'a loop over two answers': [
    ask('shop'),
    reply(records(alias('shop', 'one'))),
    reply(records(alias('one', 'shop'))),
  ],
  'sixteen aliases': [ask('shop'), reply(records(...chain(16), rec('a16', 2)))],
  'seventeen aliases': [ask('shop'), reply(records(...chain(17), rec('a17', 2)))],
  'sixteen aliases in two answers': [
    ask('shop'),
    reply(records(...chain(9))),
    reply(records(...chain(16).slice(9), rec('a16', 2))),
  ],
  'seventeen aliases in two answers': [
    ask('shop'),
    reply(records(...chain(9))),
    reply(records(...chain(17).slice(9), rec('a17', 2))),
  ],
  'an alias for each question': [ask('shop'), ...chain(17).map((each) => reply(records(each)))],
}

const R11: Scripts = {
  'no such name': [ask('shop'), reply(absent(3, SOA))],
  'no such name, and no SOA': [ask('shop', 'AAAA'), reply(absent(3))],
  'no such records': [ask('shop', 'AAAA'), reply(absent(0, SOA))],
  'nothing at all': [ask('shop'), reply(absent(0))],
  'an alias of a name that does not exist': [
    ask('shop'),
    reply({ ...records(alias('shop', 'cdn')), code: 3, soa: SOA }),
  ],
  'a target that does not exist': [ask('shop'), reply(records(alias('shop', 'cdn'))), reply(absent(3, SOA))],
  'a target without such records': [
    ask('shop', 'AAAA'),
    reply(records(alias('shop', 'cdn'))),
    reply(absent(0, SOA)),
  ],
  'no such name, said by the second server': [ask('shop'), reply(code(2)), reply(absent(3))],
}

const R12: Scripts = {
  SERVFAIL: [ask('shop'), reply(code(2)), reply(found('shop'))],
  REFUSED: [ask('shop'), reply(code(5)), reply(found('shop'))],
  ...Object.fromEntries(
    [1, 4, 6, 9, 15].map((number) => [`code ${number}`, [setup(1, 1), ask('shop'), reply(code(number))]]),
  ),
  nonsense: [ask('shop'), reply('nonsense'), reply(found('shop'))],
  'nonsense alone': [setup(1, 2), ask('shop'), reply('nonsense'), reply('nonsense')],
  'a failure with an address in it': [
    ask('shop'),
    reply({ ...found('shop'), code: 2 }),
    reply(found('shop', 60, 2)),
  ],
  'each in its turn': [setup(3, 2), ask('shop'), ...[2, 5, 1, 5, 4, 2].map((each) => reply(code(each)))],
  'the last one refuses': [ask('shop'), ...[2, 2, 2, 5].map((each) => reply(code(each)))],
  'nonsense behind a failure': [setup(2, 1), ask('shop'), reply(code(2)), reply('nonsense')],
  'silence, then a failure': [setup(2, 1), ask('shop'), wait(), reply(code(2))],
  'one server, asked again': [setup(1, 3), ask('shop'), reply(code(2)), reply(code(2)), reply(found('shop'))],
  'a failure has its whole wait behind it': [
    ask('shop'),
    wait('half'),
    reply(code(2)),
    wait('almost'),
    wait('a millisecond'),
    reply(found('shop')),
  ],
}

const R13: Scripts = {
  'the second server is asked': [ask('shop'), wait('almost'), wait('a millisecond'), reply(found('shop'))],
  'an answer in the last millisecond': [ask('shop'), wait('almost'), reply(found('shop'))],
  'nobody answers': [ask('shop'), wait(), wait(), wait(), wait('almost'), wait('a millisecond')],
  'three servers, one round': [setup(3, 1), ask('shop'), wait(), wait(), wait()],
  'one server, one round': [setup(1, 1), ask('shop'), wait('almost'), wait('a millisecond')],
  'one server, three rounds': [setup(1, 3), ask('shop'), wait(), wait(), reply(found('shop'))],
  'a failure, then silence': [
    setup(2, 1),
    ask('shop'),
    reply(code(2)),
    wait('almost'),
    wait('a millisecond'),
  ],
  'the next question begins with the first server': [
    ask('shop'),
    wait(),
    reply(found('shop')),
    ask('www'),
    wait(),
    wait(),
    reply(found('www')),
  ],
  'two questions, each with its own wait': [
    ask('shop'),
    wait('half'),
    ask('www'),
    wait(),
    wait(),
    reply(found('shop')),
    wait(),
    reply(found('www')),
  ],
  'a question that was given up is asked again': [
    setup(1, 1),
    ask('shop'),
    wait(),
    ask('shop'),
    reply(found('shop')),
  ],
}

const R14: Scripts = {
  'over TCP in one piece': [ask('shop'), reply(TRUNCATED), reply(found('shop', 60, 40))],
  'over TCP in five pieces': [ask('shop'), reply(TRUNCATED), reply(found('shop', 60, 60), { pieces: 5 })],
  'byte by byte': [ask('shop', 'AAAA'), reply(TRUNCATED), reply(found('shop'), { bytes: true })],
  'larger than a datagram': [ask('shop'), reply(TRUNCATED), reply(found('shop', 60, 1_200), { pieces: 6 })],
  'what was cut is not used': [
    ask('shop'),
    reply({ ...found('shop', 10), tc: true }),
    reply(found('shop', 60, 3)),
  ],
  'a cut one that says no such name': [
    ask('shop'),
    reply({ ...absent(3, SOA), tc: true }),
    reply(found('shop')),
  ],
  'a cut one that is empty': [ask('shop'), reply({ ...absent(0), tc: true }), reply(absent(3, SOA))],
  'the second server, over TCP': [ask('shop'), wait(), reply(TRUNCATED), reply(found('shop'))],
  'an alias over TCP, its target over UDP': [
    ask('shop'),
    reply(TRUNCATED),
    reply(records(alias('shop', 'cdn'))),
    reply(found('cdn')),
  ],
  'other messages first': [
    ask('shop'),
    reply(TRUNCATED),
    ...OVER_BOTH.map((fault) => forged(fault)),
    reply(found('shop')),
  ],
  'other failures first': [
    ask('shop'),
    reply(TRUNCATED),
    forged('another id', code(2)),
    forged('another name', absent(3)),
    reply(found('shop'), { pieces: 3 }),
  ],
  'two questions over TCP': [
    ask('shop'),
    ask('www'),
    reply(TRUNCATED),
    reply(TRUNCATED, { to: 1 }),
    reply(found('www'), { to: 1, pieces: 2 }),
    reply(found('shop')),
  ],
  'a later answer over UDP is not for it': [
    ask('shop'),
    reply(TRUNCATED),
    forged('too late'),
    reply(found('shop')),
  ],
}

const R15: Scripts = {
  'a whole wait for TCP': [
    ask('shop'),
    wait('half'),
    reply(TRUNCATED),
    wait('almost'),
    wait('a millisecond'),
    reply(found('shop')),
  ],
  'silence in the last round': [
    setup(1, 1),
    ask('shop'),
    reply(TRUNCATED),
    wait('almost'),
    wait('a millisecond'),
  ],
  'another message, then silence': [
    ask('shop'),
    reply(TRUNCATED),
    forged('another id'),
    wait('almost'),
    wait('a millisecond'),
    reply(found('shop')),
  ],
  ...Object.fromEntries(
    (['FIN', 'RST', 'half, then FIN', 'half, then RST'] as const).flatMap((end) => [
      [end, [ask('shop'), reply(TRUNCATED), reply('ended', { end }), reply(found('shop'))]],
      [`${end}, and nobody is left`, [setup(1, 1), ask('shop'), reply(TRUNCATED), reply('ended', { end })]],
    ]),
  ),
  'SERVFAIL over TCP': [ask('shop'), reply(TRUNCATED), reply(code(2)), reply(found('shop'))],
  'REFUSED over TCP, and nobody is left': [setup(1, 1), ask('shop'), reply(TRUNCATED), reply(code(5))],
  'nonsense over TCP': [
    ask('shop'),
    reply(TRUNCATED),
    reply('nonsense', { pieces: 2 }),
    reply(found('shop')),
  ],
  'a failure over TCP, then another cut answer': [
    ask('shop'),
    reply(TRUNCATED),
    reply('ended'),
    reply(TRUNCATED),
    reply(found('shop', 60, 3)),
  ],
}

const R16: Scripts = {
  'kept until the last millisecond': [
    ask('shop'),
    reply(found('shop', 10)),
    { later: 9_999 },
    ask('shop'),
    { later: 1 },
    ask('shop'),
    reply(found('shop')),
  ],
  'the TTL counts down': [
    ask('shop'),
    reply(found('shop', 10)),
    { later: 1 },
    ask('shop'),
    { later: 999 },
    ask('shop'),
    { later: 1 },
    ask('shop'),
    seconds(8),
    ask('shop'),
  ],
  'in any case, with a dot and without': [
    ask('shop'),
    reply(found('shop')),
    ask('shop', 'A', 'upper'),
    ask('shop', 'A', 'dot'),
    seconds(299),
    ask('shop'),
  ],
  'first in upper case': [ask('shop', 'A', 'upper'), reply(found('shop')), ask('shop')],
  'each type for itself': [
    ask('shop'),
    reply(found('shop')),
    ask('shop', 'AAAA'),
    reply(found('shop', 20)),
    ask('shop'),
    seconds(20),
    ask('shop'),
    ask('shop', 'AAAA'),
    reply(found('shop')),
  ],
  'a TTL of 0': [ask('shop'), reply(found('shop', 0)), ask('shop'), reply(found('shop', 1)), ask('shop')],
  'one of two TTLs is 0': [
    ask('shop'),
    reply(records(rec('shop', 0, 50), rec('shop', 1, 0))),
    ask('shop'),
    reply(found('shop')),
  ],
  'a TTL with its top bit set': [
    ask('shop'),
    reply(found('shop', 0x8000_0000)),
    ask('shop'),
    reply(found('shop', 0xffff_ffff)),
    ask('shop'),
    reply(found('shop', 0x7fff_ffff)),
    seconds(86_400 * 365),
    ask('shop'),
  ],
  'the least TTL is that of the alias': [
    ask('shop'),
    reply(records(alias('shop', 'cdn', 20), rec('cdn', 1))),
    seconds(19),
    ask('shop'),
    seconds(1),
    ask('shop'),
    reply(found('shop')),
  ],
  'the least TTL is that of the second address': [
    ask('shop'),
    reply(records(rec('shop', 0, 50), rec('shop', 1, 20), rec('shop', 2, 60))),
    { later: 19_999 },
    ask('shop'),
    { later: 1 },
    ask('shop'),
    reply(found('shop')),
  ],
  'an alias of an earlier answer': [
    ask('shop'),
    reply(records(alias('shop', 'cdn', 20))),
    seconds(8),
    reply(found('cdn', 60)),
    { later: 11_999 },
    ask('shop'),
    { later: 1 },
    ask('shop'),
    reply(found('shop')),
  ],
  'an alias that ran out on the way': [
    ask('shop'),
    reply(records(alias('shop', 'cdn', 0))),
    reply(found('cdn', 60)),
    ask('shop'),
    reply(found('shop')),
  ],
  'it counts from the answer on, not from the question': [
    ask('shop'),
    seconds(50),
    reply(found('shop', 10)),
    { later: 9_999 },
    ask('shop'),
  ],
  'time of other clocks': [ask('shop'), reply(found('shop', 1)), wait(), ask('shop')],
  'found again, and kept again': [
    ask('shop'),
    reply(found('shop', 5)),
    seconds(5),
    ask('shop'),
    reply(found('shop', 7, 2)),
    { later: 6_999 },
    ask('shop'),
  ],
  'many names': [...'abcdef']
    .flatMap((name) => [ask(name), reply(found(name, 60, 2))])
    .concat([...'abcdef'].map((name) => ask(name))),
  'over TCP, too': [
    ask('shop'),
    reply(TRUNCATED),
    reply(found('shop', 10, 3)),
    ask('shop'),
    seconds(10),
    ask('shop'),
    reply(found('shop')),
  ],
}

const R17: Scripts = {
  'for the minimum': [
    ask('shop'),
    reply(absent(3, [900, 60])),
    { later: 59_999 },
    ask('shop'),
    { later: 1 },
    ask('shop'),
    reply(found('shop')),
  ],
  'for the TTL of the SOA': [
    ask('shop'),
    reply(absent(3, [60, 900])),
    { later: 59_999 },
    ask('shop'),
    { later: 1 },
    ask('shop'),
    reply(found('shop')),
  ],
  'no such records, for a while': [
    ask('shop', 'AAAA'),
    reply(absent(0, [60, 900])),
    { later: 59_999 },
    ask('shop', 'AAAA'),
    { later: 1 },
    ask('shop', 'AAAA'),
    reply(found('shop')),
  ],
  'without SOA': [
    ask('shop'),
    reply(absent(3)),
    ask('shop'),
    reply(absent(0)),
    ask('shop'),
    reply(found('shop')),
  ],
  'no such name of any type': [
    ask('shop'),
    reply(absent(3, SOA)),
    ask('shop', 'AAAA'),
    ask('shop', 'A', 'upper'),
  ],
  'no such name of any type, asked for IPv6': [ask('shop', 'AAAA'), reply(absent(3, SOA)), ask('shop')],
  'no such records of one type': [
    ask('shop', 'AAAA'),
    reply(absent(0, SOA)),
    ask('shop'),
    reply(found('shop')),
    ask('shop', 'AAAA'),
  ],
  'the TTL of an alias is the least': [
    ask('shop'),
    reply({ ...records(alias('shop', 'cdn', 20)), code: 3, soa: SOA }),
    { later: 19_999 },
    ask('shop'),
    { later: 1 },
    ask('shop'),
    reply(found('shop')),
  ],
  'an alias of an earlier answer': [
    ask('shop'),
    reply(records(alias('shop', 'cdn', 20))),
    seconds(8),
    reply(absent(0, SOA)),
    { later: 11_999 },
    ask('shop'),
    { later: 1 },
    ask('shop'),
    reply(found('shop')),
  ],
  'a minimum of 0': [ask('shop'), reply(absent(3, [60, 0])), ask('shop'), reply(found('shop'))],
  'a failure is not kept': [
    setup(1, 1),
    ask('shop'),
    reply(code(2)),
    ask('shop'),
    reply('nonsense'),
    ask('shop'),
    wait(),
    ask('shop'),
    reply(found('shop')),
  ],
  'a loop is not kept': [
    ask('shop'),
    reply(records(alias('shop', 'shop'))),
    ask('shop'),
    reply(found('shop')),
  ],
  'a name that came into being': [
    ask('shop'),
    reply(absent(3, [5, 5])),
    seconds(5),
    ask('shop'),
    reply(found('shop', 10)),
    seconds(9),
    ask('shop'),
  ],
  'a name that is gone': [
    ask('shop'),
    reply(found('shop', 5)),
    seconds(5),
    ask('shop'),
    reply(absent(3, SOA)),
    ask('shop'),
  ],
}

const R18: Scripts = {
  'five callers, one query': [...Array.from({ length: 5 }, () => ask('shop')), reply(found('shop'))],
  'callers in any case': [
    ask('shop'),
    ask('shop', 'A', 'upper'),
    ask('shop', 'A', 'dot'),
    reply(found('shop')),
  ],
  'a caller who comes later': [ask('shop'), wait(), ask('shop'), reply(found('shop'))],
  'both types side by side': [
    ask('shop'),
    ask('shop', 'AAAA'),
    ask('shop'),
    ask('shop', 'AAAA'),
    reply(found('shop', 9), { to: 1 }),
    reply(found('shop')),
  ],
  'two names side by side': [ask('shop'), ask('www'), reply(found('www'), { to: 1 }), reply(found('shop'))],
  'all fail alike': [
    setup(1, 1),
    ask('shop'),
    ask('shop'),
    reply(code(2)),
    ask('shop'),
    reply(found('shop')),
  ],
  'all find nothing alike': [
    ask('shop'),
    ask('shop'),
    reply(absent(3)),
    ask('shop'),
    ask('shop'),
    reply(found('shop')),
  ],
  'a TTL of 0 is for all who wait': [
    ask('shop'),
    ask('shop'),
    reply(found('shop', 0)),
    ask('shop'),
    reply(found('shop')),
  ],
  'nobody is left waiting': [setup(1, 1), ask('shop'), ask('shop'), wait()],
  'while the target is asked for': [
    ask('shop'),
    reply(records(alias('shop', 'cdn'))),
    ask('shop'),
    reply(found('cdn')),
  ],
  'over TCP': [ask('shop'), reply(TRUNCATED), ask('shop'), reply(found('shop'))],
}

const R19: Scripts = {
  'nothing is under way': [CLOSE, ask('shop')],
  'behind an answer': [ask('shop'), reply(found('shop')), CLOSE, ask('shop'), ask('www')],
  'a query is under way': [ask('shop'), CLOSE, forged('too late'), ask('shop')],
  'two callers and two names': [ask('shop'), ask('shop'), ask('www', 'AAAA'), CLOSE, wait()],
  'the second server is asked': [ask('shop'), wait(), CLOSE, wait(), wait()],
  'behind a failure': [ask('shop'), reply(code(2)), CLOSE, wait()],
  'the target is asked for': [ask('shop'), reply(records(alias('shop', 'cdn'))), CLOSE, wait()],
  'over TCP': [ask('shop'), reply(TRUNCATED), CLOSE, wait()],
  'over TCP, behind another message': [ask('shop'), reply(TRUNCATED), forged('another id'), CLOSE],
}

export const SCRIPTS = { R7, R8, R10, R11, R12, R13, R14, R15, R16, R17, R18, R19 } as const
