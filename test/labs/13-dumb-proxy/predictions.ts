/** Why the wire showed what it did, for whoever predicted something else: by question and by what was seen. */
export const WHY = {
  P1: {
    c: 'The proxy has relayed its one request and waits for the origin to close. It hears the client no more, and both ends believe in the connection.',
  },
  P2: {
    b: 'HTTP/1.1 promises to keep a connection without a word. The dumb proxy passes that promise on, and waits for an end that nobody sends.',
  },
  P3: {
    b: 'A field of an HTTP/1.0 client may have been relayed by a proxy that did not read it, so nobody behind a proxy is kept on its word (RFC 9112 App. C.2.2).',
  },
} as const
