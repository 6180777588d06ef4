import {
  absent,
  alias,
  ask,
  code,
  forged,
  found,
  OVER_BOTH,
  records,
  reply,
  setup,
  SOA,
  TRUNCATED,
  wait,
  type Scripts,
} from './steps.ts'

/** The states that every run visits: answers over TCP. */

export const R14: Scripts = {
  'over TCP in one piece': [ask('shop'), reply(TRUNCATED), reply(found('shop', 60, 40))],
  'over TCP in five pieces': [ask('shop'), reply(TRUNCATED), reply(found('shop', 60, 60), { pieces: 5 })],
  'byte by byte': [ask('shop', 'AAAA'), reply(TRUNCATED), reply(found('shop'), { bytes: true })],
  'larger than a datagram': [ask('shop'), reply(TRUNCATED), reply(found('shop', 60, 1_200), { pieces: 6 })],
  'so large that its length needs the top bit': [
    ask('shop'),
    reply(TRUNCATED),
    reply(found('shop', 60, 2), { size: 0x8000 }),
  ],
  'as large as two bytes can tell, and in pieces': [
    ask('shop', 'AAAA'),
    reply(TRUNCATED),
    reply(found('shop', 60, 3), { size: 0xffff, pieces: 4 }),
  ],
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
  ...Object.fromEntries(
    [1, 2, 5].map((number) => [
      `a cut one with the code ${number}`,
      [ask('shop'), reply({ ...found('shop', 10), code: number, tc: true }), reply(found('shop', 60, 3))],
    ]),
  ),
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
  'the answer in one piece with another message': [
    ask('shop'),
    reply(TRUNCATED),
    reply(found('shop'), { behind: 'another id' }),
    ask('www'),
    reply(TRUNCATED),
    reply(found('www'), { behind: 'another name', pieces: 3 }),
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

export const R15: Scripts = {
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
  'messages that do not make the wait longer': [
    ask('shop'),
    reply(TRUNCATED),
    wait('half'),
    forged('another id'),
    wait('almost'),
    wait('a millisecond'),
    reply(found('shop')),
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
