/** Why the wire showed what it did, for whoever predicted something else: by question and by what was seen. */
export const WHY = {
  P1: {
    b: 'A FIN ends an answer without a length, and by the rule it is whole then. Whether its server wanted to end there no client can see (RFC 9112 §8).',
  },
  P2: {
    b: 'If-Range says: the rest, if it is still this version; else everything. It is no error that the version is another one (RFC 9110 §13.1.5).',
  },
  P3: {
    a: 'Its age counts from when the origin has made it, and not from when you got it. 45 of its 60 seconds are over (RFC 9111 §4.2.3).',
  },
} as const
