import { type Scripts, call, ONCE, whole, cut, TAG, hour, each } from './fetch-steps.ts'
import type { Cut } from './cuts.ts'
import type { Step } from './fetch-play.ts'

/** Whole or not, again or not. */

const FRAMINGS = ['length', 'chunks'] as const
const STATUSES = [201, 301, 404, 416, 500, 503]
const CUTS: readonly Cut[] = ['nothing', 'within the head', 'the head', 'a byte', 'half', 'all but a byte']

export const WHOLE: Scripts = {
  ...each('whole by its', FRAMINGS, (framing) => [call(), whole({ framing, size: 200 }), hour]),
  ...each('nothing in', FRAMINGS, (framing) => [call(), whole({ framing, size: 0 })]),
  ...each('a reset behind', FRAMINGS, (framing) => [call('POST', { body: true }), whole({ framing }, 'RST')]),
  ...each('status', STATUSES, (status) => [call('PUT', { body: true }), whole({ status }, 'FIN')]),
  'no body to HEAD': [call('HEAD'), whole({ size: 300 }), hour],
  'no body to HEAD, in chunks': [call('HEAD'), whole({ framing: 'chunks' })],
  'no body with 204': [call('DELETE'), whole({ status: 204 })],
  'no body with 304': [call('GET', { brings: ['If-None-Match: "a"'] }), whole({ status: 304, size: 30 })],
  'interim answers in front': [call('GET'), whole({ interim: [100, 103], framing: 'chunks' })],
  ...each('an interim answer with status', [104, 110, 199], (code) => [call(), whole({ interim: [code] })]),
  'an interim answer, and hours': [call('POST', { body: true }), whole({ interim: [102], size: 90 })],
  'the same field twice': [call(), whole({ says: ['Set-Cookie: a=1', 'set-cookie: b=2', 'X-A:'] })],
  'an answer of HTTP/1.0': [call(), whole({ version: '1.0' }, 'FIN')],
  'a Host of its own': [call('GET', { brings: ['host: a.example'] }), whole()],
}

export const TO_FIN: Scripts = {
  'whole at FIN': [
    call(),
    { reply: { framing: 'FIN', size: 100 }, upTo: 'all but a byte', end: 'FIN', inAnHour: true },
  ],
  'all content, and FIN': [call(), whole({ framing: 'FIN' }, 'FIN')],
  'nothing, and FIN': [call(), cut('the head', { framing: 'FIN' })],
  'killed in the middle': [call(), cut('half', { framing: 'FIN' })],
  'a reset': [call('GET', ONCE), cut('half', { framing: 'FIN' }, 'RST')],
  'a reset behind everything': [call('POST'), cut('whole', { framing: 'FIN' }, 'RST')],
  'a reset behind the head': [call('GET', ONCE), cut('the head', { framing: 'FIN' }, 'RST')],
  'of HTTP/1.0': [call(), whole({ framing: 'FIN', version: '1.0' }, 'FIN')],
  'a reset, and again': [call(), cut('half', { framing: 'FIN' }, 'RST'), whole({ framing: 'FIN' }, 'FIN')],
  'status 500': [call('GET', ONCE), cut('half', { framing: 'FIN', status: 500 }, 'RST')],
}

export const CUT: Scripts = {
  ...each('FIN behind', CUTS, (upTo) => [call('GET', ONCE), cut(upTo, { size: 90 })]),
  ...each('RST behind', CUTS, (upTo) => [call('GET', ONCE), cut(upTo, { size: 90 }, 'RST')]),
  ...each('FIN within chunks, behind', [...CUTS, 'all content'] as const, (upTo) => [
    call('GET', ONCE),
    cut(upTo, { framing: 'chunks', size: 90 }),
  ]),
  ...each('RST within chunks, behind', ['half', 'all content'] as const, (upTo) => [
    call('GET', ONCE),
    cut(upTo, { framing: 'chunks', size: 90 }, 'RST'),
  ]),
  'FIN within the trailer fields': [
    call('GET', ONCE),
    cut('all but the last byte', { framing: 'chunks', size: 90, hasTrailer: true }),
  ],
  'FIN within the last line': [call('GET', ONCE), cut('all but the last byte', { framing: 'chunks' })],
  'an answer with a bad status': [call('POST'), cut('half', { status: 404 })],
  'a POST that gets no answer': [call('POST', { body: true }), cut('nothing')],
  'FIN behind an interim answer': [call('GET', ONCE), cut('within the head', { interim: [100] })],
  'a reset before an answer': [call('POST'), cut('nothing', {}, 'RST')],
}

const LOST: readonly Step[] = [
  cut('nothing'),
  cut('nothing', {}, 'RST'),
  cut('within the head'),
  cut('half'),
  cut('half', { framing: 'chunks' }, 'RST'),
]
const IDEMPOTENT = ['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']
const OTHERS = ['POST', 'PATCH', 'XBUY', 'get', 'Put', 'LINK']
const NOISE = [
  'HELO a.example\r\n\r\n',
  'HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\nabc',
  'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nabc',
  'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\na\r\n0\r\n\r\n',
]

export const AGAIN: Scripts = {
  ...each('once more', IDEMPOTENT, (method) => [
    call(method, method === 'PUT' ? { body: true } : {}),
    cut('nothing'),
    whole(),
  ]),
  ...Object.fromEntries(LOST.map((lost, at) => [`lost, way ${at + 1}`, [call(), lost, whole({}, 'FIN')]])),
  'twice lost': [call(), cut('nothing'), cut('nothing', {}, 'RST'), whole()],
  'twice cut': [call('PUT', { body: true }), cut('half'), cut('half', { framing: 'chunks' }), whole()],
  'twice cut in vain, and earlier the second time': [
    call('PUT', { body: true }),
    cut('half', { size: 90 }),
    cut('a byte', { size: 60 }),
  ],
  'cut, and then no answer': [call(), cut('half', { size: 60 }), cut('nothing'), whole()],
  'three times': [
    call('GET', { retries: 3 }),
    cut('half'),
    cut('nothing'),
    cut('half'),
    whole({ framing: 'chunks' }),
  ],
  'three times in vain': [
    call('DELETE', { retries: 2 }),
    cut('nothing'),
    cut('half'),
    cut('nothing'),
    whole(),
  ],
  'not at all': [call('GET', ONCE), cut('nothing'), whole()],
  'a long time between': [call(), hour, cut('half'), hour, whole()],
  ...each('no HTTP', NOISE, (noise) => [
    call('GET', { retries: 2 }),
    { reply: { noise }, end: 'FIN' },
    whole(),
  ]),
  'no HTTP behind a cut one': [
    call('GET', { retries: 2 }),
    cut('nothing'),
    { reply: { noise: NOISE[0] ?? '' }, end: 'FIN' },
  ],
  ...each('an answer all the same', [500, 503, 408, 416], (status) => [
    call(),
    whole({ status }, 'FIN'),
    whole(),
  ]),
}

const ASKS = { mayRepeat: true } as const
const yes: Step = { decides: 'yes' }
const no: Step = { decides: 'no' }
const rejects: Step = { decides: 'rejects' }

export const OTHER: Scripts = {
  ...each('nobody to ask', OTHERS, (method) => [call(method, { body: true }), cut('nothing'), whole()]),
  ...each('asked, and yes', OTHERS, (method) => [
    call(method, { body: true, ...ASKS }),
    cut('nothing'),
    hour,
    yes,
    whole(),
  ]),
  'asked, and no': [call('POST', { body: true, ...ASKS }), cut('half'), no, whole()],
  'asked before an answer, and no': [call('POST', ASKS), cut('nothing'), no, whole()],
  'it rejects': [call('POST', { body: true, ...ASKS }), cut('half', {}, 'RST'), rejects, whole()],
  'a yes is good for all': [
    call('PATCH', { body: true, retries: 3, ...ASKS }),
    cut('nothing'),
    yes,
    cut('half'),
    cut('nothing', {}, 'RST'),
    whole({ framing: 'chunks' }),
  ],
  'a yes, and lost all the same': [
    call('POST', { body: true, ...ASKS }),
    cut('half'),
    yes,
    cut('half'),
    whole(),
  ],
  'not about idempotent ones': [call('PUT', { body: true, ...ASKS }), cut('nothing'), whole()],
  'not where nothing may follow': [call('POST', { body: true, retries: 0, ...ASKS }), cut('half'), whole()],
  'not about whole ones': [call('POST', { body: true, ...ASKS }), whole({ status: 500 }, 'FIN')],
  'not about what is no HTTP': [call('POST', ASKS), { reply: { noise: NOISE[1] ?? '' }, end: 'FIN' }],
  'no range behind a yes': [call('POST', { body: true, ...ASKS }), cut('half', TAG), yes, whole()],
}
