/** Why the wire showed what it did, for whoever predicted something else: by question and by what was seen. */
export const WHY = {
  P1: {
    b: 'Whoever forwards removes what Connection names, and that is a MUST without an exception (RFC 9110 §7.6.1). What a proxy adds afterwards nobody can name.',
  },
  P2: {
    a: 'Each connection has its own rules and its own end: the client is not told, and its next request goes out on a new connection.',
  },
  P3: {
    b: 'The wish of an HTTP/1.0 client may have been relayed by a proxy that did not read it, so no proxy keeps one (RFC 9112 §9.3, App. C.2.2).',
  },
} as const
