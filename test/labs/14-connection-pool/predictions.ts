/** Why the wire showed what it did, for whoever predicted something else: by question and by what was seen. */
export const WHY = {
  P1: {
    a: 'The connection that was used last is used next, so the other two were idle for 5 s, and ended.',
    c: 'Your pool takes turns: each connection is used every three seconds, and none is ever idle for long enough.',
  },
  P2: {
    a: 'Your pool has sent the POST twice. Nobody knows whether the first one was carried out.',
    b: 'A GET is idempotent and may be sent once more. A POST is not, and its caller has to decide.',
    c: 'Your pool has repeated nothing. It may repeat the GET, and nobody would have noticed the race.',
  },
  P3: {
    a: "The earlier of two times counts: the server's 5 s less the margin, so that no request can meet its FIN.",
  },
} as const
