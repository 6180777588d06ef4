/** Why the wire showed what it did, for whoever predicted something else: by question and by what was seen. */
export const WHY = {
  P1: {
    a: 'The FIN stands behind the last byte, and nothing came that the system would have answered with a reset.',
  },
  P2: {
    b: 'The late request met a socket that nobody has, and the system answered it with a reset: what was still to be sent went with it.',
  },
  P3: {
    a: 'Here Node told the reset as an error. Elsewhere the same wire is told as an end, so an end alone proves no FIN.',
    b: 'Node hands the bytes out first, and then tells an end as after a FIN: the reset is there, and nobody has been told.',
  },
} as const
