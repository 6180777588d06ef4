import { type Scripts, get, brings, send, answer, says, wait, FRESH, TAG, each } from './cache-steps.ts'

/** What passes through. */

const METHODS = ['HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE', 'XBUY']
const FRAMINGS = ['length', 'chunks', 'FIN'] as const
const OF_HOP = ['Connection: X-Hop, keep-alive', 'X-Hop: 1', 'Keep-Alive: timeout=5', 'Upgrade: h2c']

export const PASSING: Scripts = {
  ...each('a', METHODS, (method) => [
    send(method),
    says(FRESH, 'Set-Cookie: a=1', 'set-cookie: b=2'),
    get(),
    answer(),
  ]),
  ...each('a body in', ['length', 'chunks'] as const, (body) => [
    send('POST', 'a', { body }),
    answer({ status: 201 }),
  ]),
  ...each('an answer by', FRAMINGS, (framing) => [
    get(),
    answer({ framing, size: 300 }),
    get('b'),
    answer({ framing, size: 0 }),
  ]),
  ...each('status', [203, 301, 404, 500, 503], (status) => [
    get(),
    answer({ status }),
    send('POST'),
    answer({ status }),
  ]),
  '204, and nothing in it': [
    get(),
    answer({ status: 204 }),
    send('PUT', 'b', { body: 'length' }),
    answer({ status: 204 }),
  ],
  'HEAD, in every framing': FRAMINGS.flatMap((framing) => [send('HEAD'), answer({ framing })]),
  'an interim answer in front': [get(), answer({ interim: [103], says: [FRESH] }), get()],
  'an answer of HTTP/1.0': [get(), answer({ version: '1.0', says: ['Connection: keep-alive'] })],
  'what belongs to the hop': [brings('TE: trailers', 'X-Kept: 1', ...OF_HOP), says('X-Kept: 2', ...OF_HOP)],
  'what belongs to the hop, and is stored': [
    get(),
    says(FRESH, 'X-Kept: 2', ...OF_HOP),
    get(),
    wait(1),
    get(),
  ],
  'many fields of a name': [
    brings('Cookie: a', 'cookie: b'),
    says('Via: 1.0 far', 'Set-Cookie: a', 'Link: <b>', 'Link: <c>'),
  ],
  'through another proxy before': [brings('Via: 1.0 far'), says(FRESH, 'Via: 1.0 far'), get()],
  'HEAD, where a GET is stored': [get(), says(FRESH), send('HEAD'), says(FRESH), get()],
  'a range, where all is stored': [
    get(),
    says(FRESH, TAG),
    brings('Range: bytes=0-3'),
    answer({ status: 206 }),
    get(),
  ],
  'a range, and all of it comes': [brings('Range: bytes=0-3'), says(FRESH), get(), says(FRESH), get()],
  'a range with a condition': [
    brings('range: bytes=0-3', 'If-Range: "v1"'),
    answer({ status: 206, says: [FRESH] }),
    get(),
    answer(),
  ],
  'a condition of its own': [
    get(),
    says(FRESH, TAG),
    brings('If-None-Match: "v1"'),
    answer({ status: 304, says: [TAG, FRESH] }),
    get(),
  ],
  'a condition by date': [
    brings('if-modified-since: Sun, 06 Nov 1994 08:49:37 GMT'),
    says(FRESH),
    get(),
    says(FRESH),
  ],
  'a condition on a stale one': [
    get(),
    says(TAG),
    brings('If-None-Match: "v0"'),
    answer({ status: 304 }),
    get(),
    says(TAG),
  ],
  'a condition that no cache knows': [
    get(),
    says(FRESH),
    brings('If-Schedule-Tag-Match: "a"'),
    answer(),
    get(),
  ],
  'the answer to POST': [send('POST', 'a', { body: 'length' }), says(FRESH), get(), says(FRESH), get()],
}
