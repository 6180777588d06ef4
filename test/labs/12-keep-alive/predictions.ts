/** Why the wire showed what it did, for whoever predicted something else: by question and by what was seen. */
export const WHY = {
  P1: {
    b: 'An HTTP/1.0 answer without the echo says that the server is going to close, however well its length is known (RFC 9112 §9.3).',
  },
  P2: {
    a: 'The idle clock of your server ran while the handler was at work.',
    b: 'The clock of your server had run during the request.',
    c: 'The clock stood still while the handler worked, and a whole span began behind the answer: 10 s and 5 s.',
  },
  P3: {
    b: 'The first connection lost the race. A GET may be sent once more, and that takes a new connection.',
  },
} as const
