import type { Random } from '../../../workbook/grading/random.ts'
import type { Step } from './steps.ts'

/** The states of the cache, of its clients and of its connections, that every run visits. */

const HOUR = { maxAge: 3600 }
const ask = (client: number, letter = 'a', more: object = {}): Step => ({
  asks: client,
  for: letter,
  ...more,
})
const answers = (answer: object = HOUR, more: object = {}): Step => ({ answers: answer, ...more })

export const CONNECTIONS: Readonly<Record<string, readonly Step[]>> = {
  'one connection for one after the other': [
    ask(1),
    answers({}),
    ask(2, 'b'),
    answers({}),
    ask(1, 'c'),
    answers({}),
  ],
  'two at once, and the last one is used again': [
    ask(1),
    ask(2, 'b'),
    answers({}),
    answers({}),
    ask(3, 'c'),
    answers({}),
    ask(1, 'd'),
  ],
  'another host at the same address': [ask(1), answers({}), ask(1, 'b', { host: 'b.example' }), answers({})],
  'behind an answer that ends with FIN': [ask(1), answers({}, { framing: 'FIN' }), ask(1, 'b'), answers({})],
  'behind idleMs': [
    ask(1),
    answers({}),
    { seconds: 4 },
    ask(1, 'b'),
    answers({}),
    { seconds: 5 },
    ask(2, 'c'),
  ],
  'behind a client that left': [ask(1), { leaves: 1 }, ask(2, 'b'), answers({}), ask(3, 'c'), answers({})],
  'a pipeline of five': [
    ask(1, 'a'),
    ask(1, 'b'),
    ask(1, 'a'),
    ask(1, 'c', { method: 'HEAD' }),
    ask(1, 'd', { method: 'POST' }),
    answers(),
    answers(),
    answers(),
    answers({}),
  ],
}

export const STORING: Readonly<Record<string, readonly Step[]>> = {
  'fresh for an hour, with its age': [
    ask(1),
    answers({ maxAge: 60, age: 45 }),
    ask(2),
    { seconds: 14 },
    ask(3),
    { seconds: 1 },
    ask(4),
    answers({}),
  ],
  'to every kind of client': [
    ask(1),
    answers(HOUR, { framing: 'chunks' }),
    ask(1),
    ask(2, 'a', { old: true }),
    ask(3, 'a', { method: 'HEAD' }),
    ask(4, 'a', { method: 'HEAD', old: true }),
    ask(3),
  ],
  'came to the end of its connection': [
    ask(1),
    answers(HOUR, { framing: 'FIN' }),
    ask(2),
    ask(3, 'a', { old: true }),
  ],
  'asked for by an old client first': [
    ask(1, 'a', { old: true }),
    answers(HOUR, { framing: 'chunks' }),
    ask(2),
  ],
  'passes to an old client': [
    ask(1, 'a', { old: true }),
    answers({}, { framing: 'chunks' }),
    ask(2),
    answers({}, { framing: 'FIN' }),
  ],
  'what says no-store': [ask(1), answers({ ...HOUR, says: 'no-store' }), ask(2), answers({})],
  'what is private': [ask(1), answers({ ...HOUR, says: 'private' }), ask(2), answers({})],
  'what has a name in its request': [
    ask(1, 'a', { authorized: true }),
    answers(HOUR),
    ask(2),
    answers({}),
    ask(1, 'b', { authorized: true }),
    answers({ ...HOUR, says: 'public' }),
    ask(2, 'b'),
  ],
  'what says nothing': [ask(1), answers({}), ask(1), answers({})],
  'another status': [
    ask(1),
    answers({ ...HOUR, status: 404 }),
    ask(2),
    ask(1, 'b'),
    answers({ status: 500 }),
    ask(2, 'b'),
    answers({}),
  ],
  'two languages': [
    ask(1, 'a', { language: 'de' }),
    answers({ ...HOUR, vary: true }),
    ask(2, 'a', { language: 'fr' }),
    answers({ ...HOUR, vary: true }),
    ask(3, 'a', { language: 'de' }),
    ask(3, 'a', { language: 'fr' }),
    ask(3, 'a'),
    answers({ ...HOUR, vary: true }),
  ],
  'two hosts': [
    ask(1),
    answers(),
    ask(1, 'a', { host: 'b.example' }),
    answers(),
    ask(2, 'a', { host: 'A.Example' }),
    ask(2, 'a', { host: 'b.example:80' }),
  ],
  'an unsafe request': [
    ask(1),
    answers(),
    ask(2, 'a', { method: 'POST' }),
    answers({}),
    ask(1),
    answers(),
    ask(2, 'a', { method: 'POST' }),
    answers({ status: 500 }),
    ask(1),
  ],
  'an unsafe request, for every language': [
    ask(1, 'a', { language: 'de' }),
    answers({ ...HOUR, vary: true }),
    ask(1, 'a', { language: 'fr' }),
    answers({ ...HOUR, vary: true }),
    ask(2, 'a', { method: 'POST', language: 'de' }),
    answers({}),
    ask(1, 'a', { language: 'fr' }),
    answers({ ...HOUR, vary: true }),
  ],
  'an unsafe request while the answer is under way': [
    ask(1),
    ask(2, 'a', { method: 'POST' }),
    answers({}, { at: 'last' }),
    answers(),
    ask(3),
    answers(),
  ],
  'an unsafe request while somebody asks for itself alone': [
    ask(1),
    ask(2),
    answers({ says: 'private' }),
    ask(3, 'a', { method: 'POST' }),
    answers({}, { at: 'last' }),
    answers(),
    ask(4),
    answers(),
  ],
  'bodies that are empty': [
    ask(1),
    answers({ ...HOUR, body: '' }),
    ask(2),
    ask(1, 'b'),
    answers({ ...HOUR, status: 301, body: '' }),
    ask(2, 'b'),
  ],
  'HEAD keeps nothing': [
    ask(1, 'a', { method: 'HEAD' }),
    answers(),
    ask(1),
    answers(),
    ask(1, 'a', { method: 'HEAD' }),
  ],
}

export const ASKING: Readonly<Record<string, readonly Step[]>> = {
  'stale, and still good': [
    ask(1),
    answers({ maxAge: 10, tag: '"v1"' }),
    // A client that has been idle for so long is gone: another one asks.
    { seconds: 10 },
    ask(2),
    answers({ status: 304, maxAge: 20, tag: '"v1"' }),
    { seconds: 19 },
    ask(3),
    { seconds: 1 },
    ask(3),
    answers({ status: 304, tag: '"v1"' }),
  ],
  'stale, and another one now': [
    ask(1),
    answers({ maxAge: 1, tag: 'W/"v1"' }),
    { seconds: 1 },
    ask(1),
    answers({ ...HOUR, tag: '"v2"' }),
    ask(2),
  ],
  'always asked': [
    ask(1),
    answers({ ...HOUR, tag: '"v"', says: 'no-cache' }),
    ask(1),
    answers({ status: 304 }),
    ask(1),
  ],
  'a client that wants it new': [
    ask(1),
    answers({ ...HOUR, tag: '"v"' }),
    ask(2, 'a', { noCache: true }),
    answers({ status: 304 }),
  ],
  'three at once': [ask(1), ask(2), ask(3), answers(), ask(1)],
  'two at once, and it is for one alone': [ask(1), ask(2), answers({ says: 'private' }), answers()],
  'one more, who comes when each asks by itself': [
    ask(1),
    ask(2),
    answers({ says: 'private' }),
    ask(3),
    answers(),
    answers(),
  ],
  'a pipeline behind somebody else': [ask(1), ask(2), ask(2, 'b'), answers(), answers({})],
  'the first of two leaves': [ask(1), ask(2), { leaves: 1 }, answers(), ask(3)],
  'the second of two leaves': [ask(1), ask(2), { leaves: 2 }, answers(), ask(3)],
  'the first of two has sent its FIN': [ask(1), ask(2), { ends: 1 }, answers(), ask(3)],
  'the second of two has sent its FIN': [ask(1), ask(2), { ends: 2 }, answers(), ask(3)],
  'the second has sent its FIN, and it is for one alone': [
    ask(1),
    ask(2),
    { ends: 2 },
    answers({ says: 'private' }),
    answers(),
  ],
  'cut in the middle of a length': [ask(1), ask(2), { cuts: HOUR }, answers(), ask(3)],
  'cut in the middle of chunks': [ask(1), { cuts: HOUR, framing: 'chunks' }, ask(2), answers()],
  'cut, to an old client': [ask(1, 'a', { old: true }), { cuts: HOUR, framing: 'chunks' }, ask(2), answers()],
}

/** Any of it, in any order. */
export function drawSteps(random: Random): readonly Step[] {
  const draw = (): Step => {
    const kind = random.integer(0, 9)
    const client = random.integer(1, 4)
    if (kind < 5) {
      const method = random.pick(['GET', 'GET', 'GET', 'HEAD', 'POST'] as const)
      return { asks: client, for: random.pick(['a', 'b']), method }
    }
    if (kind < 9) {
      const answer = random.pick([HOUR, {}, { maxAge: 2, tag: '"t"' }, { ...HOUR, says: 'private' as const }])
      return { answers: answer, ...(random.integer(0, 1) === 1 && { framing: 'chunks' as const }) }
    }
    return { seconds: random.integer(1, 2) }
  }
  return Array.from({ length: 12 }, draw)
}
