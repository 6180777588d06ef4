/** Why the wire showed what it did, for whoever predicted something else: by question and by what was seen. */
export const WHY = {
  P1: {
    c: 'Both ends have closed first: each has acknowledged a FIN with an ACK that may be lost, so each has to wait.',
  },
  P2: {
    a: 'No port of the three led to the other server.',
    b: 'The destination is another one, so the four values together are new, whichever port is taken.',
  },
  P3: {
    b: "The first FIN came from the server, so the server's end is the one that waits, and the client's port is free.",
  },
} as const
