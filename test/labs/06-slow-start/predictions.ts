/** Why the path showed what it did, for whoever predicted something else: by question and by what was seen. */
export const WHY = {
  P1: {
    b: 'One round trip for the handshake, and then flights of 10, 20 and 12 segments: each is acknowledged before the next one leaves.',
  },
  P2: {
    a: 'The 60,000 bytes that were acknowledged have opened the window, to 74,600 bytes, so that all of it fits one flight.',
  },
  P3: {
    a: 'The kept connection needs two round trips for the first and one for the second: its window is open. The new one needs four alone, of which one is its handshake.',
  },
} as const
