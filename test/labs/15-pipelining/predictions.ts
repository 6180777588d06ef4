/** Why the wire showed what it did, for whoever predicted something else: by question and by what was seen. */
export const WHY = {
  P1: {
    d: 'One for the handshake, one for the page, whose answer shows that the connection persists, and one for all the images together.',
  },
  P2: {
    a: 'Behind a failed pipeline a new connection has to prove itself: one request goes alone, and the others follow its answer.',
  },
  P3: {
    a: 'No answer says to which request it belongs. Only the order tells, so the ones that are ready wait for the first.',
  },
} as const
