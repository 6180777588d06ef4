/** Why the wire showed what it did, for whoever predicted something else: by question and by what was seen. */
export const WHY = {
  P1: {
    b: 'The handshake takes one round trip, and request and answer take the other.',
  },
  P2: {
    b: 'One round trip for the handshake and then one for each page: n + 1 instead of 2n.',
  },
  P3: {
    b: 'The close behind the second answer cost the third page a connection of its own, with a lookup; that one was kept.',
  },
} as const
