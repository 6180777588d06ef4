import { alias, ask, code, found, records, reply, setup, wait, type Scripts } from './steps.ts'

/** The states that every run visits: servers that fail or stay silent. */

export const R12: Scripts = {
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

export const R13: Scripts = {
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
  'an alias in the last round, whose target has all rounds': [
    setup(1, 2),
    ask('shop'),
    wait(),
    wait('half'),
    reply(records(alias('shop', 'cdn'))),
    wait('almost'),
    wait('a millisecond'),
    reply(found('cdn')),
  ],
  'an alias of the last server, whose target is asked for until nobody is left': [
    ask('shop'),
    wait(),
    reply(code(2)),
    reply(code(5)),
    reply(records(alias('shop', 'cdn'))),
    ...[1, 2, 3, 4].map(() => wait()),
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
