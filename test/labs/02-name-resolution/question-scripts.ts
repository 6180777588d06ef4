import type { Reply } from './model.ts'
import {
  absent,
  alias,
  ask,
  code,
  forged,
  found,
  OVER_BOTH,
  OVER_UDP,
  otherKind,
  rec,
  records,
  reply,
  setup,
  SOA,
  TRUNCATED,
  wait,
  type Scripts,
} from './steps.ts'

/** The states that every run visits: what one question meets. */

export const R7: Scripts = {
  'one address': [ask('shop'), reply(found('shop'))],
  'an IPv6 address': [ask('shop', 'AAAA'), reply(found('shop'))],
  'eight addresses, in their order': [ask('shop'), reply(found('shop', 60, 8))],
  'nine IPv6 addresses': [ask('shop', 'AAAA'), reply(found('shop', 60, 9))],
  'a name in upper case': [ask('shop', 'A', 'upper'), reply(found('shop'))],
  'an answer in upper case': [ask('shop'), reply(found('shop'), { upper: true })],
  'a dot at the end': [ask('shop', 'A', 'dot'), reply(found('shop'))],
  'two names, one after the other': [ask('shop'), reply(found('shop')), ask('www'), reply(found('www'))],
  'addresses of the other kind beside it': [
    ask('shop'),
    reply(records(otherKind('shop', 5), rec('shop', 1), otherKind('shop', 6))),
    ask('shop', 'AAAA'),
    reply(records(rec('shop', 2), otherKind('shop', 7))),
  ],
  'the least TTL of three': [
    ask('shop'),
    reply(records(rec('shop', 0, 70), rec('shop', 1, 20), rec('shop', 2, 50))),
  ],
}

const forgeries = (say: Reply | undefined, faults: readonly Parameters<typeof forged>[0][]) =>
  faults.map((fault) => forged(fault, say))

export const R8: Scripts = {
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
