import type { Rec } from './model.ts'
import {
  absent,
  alias,
  ask,
  code,
  found,
  otherKind,
  rec,
  records,
  reply,
  SOA,
  wait,
  type Scripts,
} from './steps.ts'

/** The states that every run visits: aliases, and what does not exist. */

const chain = (count: number, from = 'shop'): Rec[] =>
  Array.from({ length: count }, (_, index) => alias(index === 0 ? from : `a${index}`, `a${index + 1}`))

export const R10: Scripts = {
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

export const R11: Scripts = {
  'no such name': [ask('shop'), reply(absent(3, SOA))],
  'no such name, and no SOA': [ask('shop', 'AAAA'), reply(absent(3))],
  'no such records': [ask('shop', 'AAAA'), reply(absent(0, SOA))],
  'nothing at all': [ask('shop'), reply(absent(0))],
  'addresses of the other kind alone': [ask('shop', 'AAAA'), reply(records(otherKind('shop', 1)))],
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
