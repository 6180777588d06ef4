import { type Scripts, call, whole, cut, TAG, rest, each } from './fetch-steps.ts'
import { RESTS } from './replies.ts'

/** What is asked for again, and joined. */

const FRAMINGS = ['length', 'chunks'] as const
/** For the rest nothing that could be joined has come. */
const REFUSED = [rest('of another version'), whole({ status: 416 }), cut('half', { rest: 'begins one late' })]
const OWN = [
  'Range: bytes=5-',
  'If-None-Match: "a"',
  'if-modified-since: Sun, 06 Nov 1994 08:49:37 GMT',
  'If-Match: *',
]

export const ASK_REST: Scripts = {
  ...each('behind', ['a byte', 'half', 'all but a byte'] as const, (upTo) => [
    call(),
    cut(upTo, TAG),
    rest('fits'),
  ]),
  ...each('in chunks, behind', ['a byte', 'half', 'all content'] as const, (upTo) => [
    call(),
    cut(upTo, { ...TAG, framing: 'chunks', size: 70 }),
    rest('fits'),
  ]),
  'to FIN, by a reset': [call(), cut('half', { ...TAG, framing: 'FIN' }, 'RST'), rest('fits')],
  'nothing has come': [call(), cut('the head', TAG), whole()],
  'a weak tag': [call(), cut('half', { says: ['ETag: W/"v1"'] }), whole()],
  'no tag': [call(), cut('half'), whole()],
  'a date for a tag': [
    call(),
    cut('half', { says: ['Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT'] }),
    whole(),
  ],
  ...each('another status', [203, 404, 500], (status) => [call(), cut('half', { ...TAG, status }), whole()]),
  ...each('another method', ['OPTIONS', 'PUT', 'DELETE'], (method) => [
    call(method),
    cut('half', TAG),
    whole(),
  ]),
  ...each('brings its own', OWN, (line) => [call('GET', { brings: [line] }), cut('half', TAG), whole()]),
  ...each('a tag with', ['""', '"W/1"', '"a, b"', '"é"'], (tag) => [
    call(),
    cut('half', { says: [`etag: ${tag}`] }),
    rest('fits'),
  ]),
  ...each('of a newer one, and before', REFUSED, (refused) => [
    call('GET', { retries: 4 }),
    cut('half', TAG),
    refused,
    cut('half', { says: ['ETag: "v2"'] }),
    rest('fits'),
  ]),
  'of the same one, behind a rest that does not fit': [
    call('GET', { retries: 4 }),
    cut('half', TAG),
    rest('of another version'),
    cut('half', TAG),
    rest('fits'),
  ],
  'of a newer one, behind another that had none': [
    call('GET', { retries: 3 }),
    cut('half', { status: 500 }),
    cut('half', { says: ['ETag: W/"v1"'] }),
    cut('half', TAG),
    rest('fits'),
  ],
}

const twice = { retries: 2 } as const

export const JOIN: Scripts = {
  ...each('first by its length, and then', RESTS, (kind) => [
    call('GET', twice),
    cut('half', TAG),
    rest(kind),
    whole(TAG),
  ]),
  ...each('first in chunks, and then', RESTS, (kind) => [
    call('GET', twice),
    cut('half', { ...TAG, framing: 'chunks', size: 60 }),
    rest(kind),
    whole(),
  ]),
  ...each('in vain', RESTS, (kind) => [call(), cut('half', TAG), rest(kind)]),
  ...each('all of a new version', FRAMINGS, (framing) => [
    call('GET', twice),
    cut('half', TAG),
    cut('half', { says: ['ETag: "v2"'], framing }),
    rest('fits'),
  ]),
  'a new version, at once': [call(), cut('half', TAG), whole({ says: ['ETag: "v2"'] })],
  'the same version, as a whole': [call(), cut('half', TAG), whole(TAG)],
  'a new version, to FIN': [call(), cut('half', TAG), whole({ framing: 'FIN' }, 'FIN')],
  ...each('another answer', [404, 412, 500, 204], (status) => [call(), cut('half', TAG), whole({ status })]),
  'no such range': [call('GET', twice), cut('half', TAG), whole({ status: 416 }), whole()],
  'no such range, and no more': [call(), cut('half', TAG), whole({ status: 416 }, 'FIN'), whole()],
  'piece by piece': [
    call('GET', { retries: 4 }),
    cut('half', { ...TAG, size: 90 }),
    cut('half', { rest: 'fits' }),
    rest('fits, but ends early'),
    cut('a byte', { rest: 'fits, in chunks' }, 'RST'),
    rest('fits'),
  ],
  'piece by piece, in vain': [
    call('GET', twice),
    cut('half', { ...TAG, size: 90 }),
    cut('half', { rest: 'fits' }),
    cut('a byte', { rest: 'fits' }),
  ],
  ...each('first in chunks, in vain', ['of another version', 'fits, but ends early'] as const, (kind) => [
    call(),
    cut('half', { ...TAG, framing: 'chunks', size: 60 }),
    rest(kind),
  ]),
  'the total is told by the rest alone, and that is cut': [
    call('GET', twice),
    cut('half', { ...TAG, framing: 'chunks', size: 60 }),
    cut('half', { rest: 'fits' }),
    cut('a byte', { rest: 'fits' }),
  ],
  'the total is told by the rest alone, and once': [
    call('GET', twice),
    cut('half', { ...TAG, framing: 'FIN', size: 60 }, 'RST'),
    cut('half', { rest: 'fits' }),
    rest('fits, total unknown'),
  ],
  'a piece to FIN': [
    call('GET', twice),
    cut('half', TAG),
    cut('half', { rest: 'fits, to FIN' }),
    rest('fits'),
  ],
  'nothing for the rest, and then the rest': [
    call('GET', twice),
    cut('half', TAG),
    cut('nothing'),
    rest('fits'),
  ],
  'what does not fit, cut': [
    call('GET', twice),
    cut('half', TAG),
    cut('half', { rest: 'of another version' }),
    whole(),
  ],
  'what does not fit, and then nothing': [
    call('GET', twice),
    cut('half', TAG),
    rest('begins one late'),
    cut('nothing'),
  ],
  'a 206 that nobody asked for': [
    call('GET', { brings: ['Range: bytes=0-9'] }),
    whole({ status: 206 }, 'FIN'),
  ],
}
