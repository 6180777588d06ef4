import {
  absent,
  alias,
  ask,
  CLOSE,
  code,
  forged,
  found,
  records,
  reply,
  setup,
  TRUNCATED,
  wait,
  type Scripts,
} from './steps.ts'

/** The states that every run visits: callers, and close(). */

export const R18: Scripts = {
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

export const R19: Scripts = {
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
