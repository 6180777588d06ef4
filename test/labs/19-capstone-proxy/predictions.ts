/** Why the wire showed what it did, for whoever predicted something else: by question and by what was seen. */
export const WHY = {
  P1: {
    b: 'What is stored has a length by then, and chunks belonged to the hop to the origin. A client of HTTP/1.0 knows no chunks (RFC 9112 §6.1).',
  },
  P2: {
    a: 'What may be kept is taken as fast as the origin sends it. Whoever waits for it waits for the origin, and not for another client.',
  },
  P3: {
    b: 'The idle clock counts the time between two requests. In a tunnel there are none, and whoever is inside may be silent.',
  },
} as const
