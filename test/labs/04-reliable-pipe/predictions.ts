/** Why the wire showed what it did, for whoever predicted something else: by question and by what was seen. */
export const WHY = {
  P1: {
    b: 'An ACK says up to where everything has come. What lies behind a gap is kept, and cannot be told.',
  },
  P2: {
    a: 'What is behind the lost one has probably come, and lies there waiting. One segment may be all that is missing.',
  },
  P3: {
    a: 'Nothing was sent again: nothing was lost.',
    b: 'Each loss costs one datagram more, and some of those are lost again. A lost ACK costs nothing where a later one comes.',
    c: 'More than is needed was sent again.',
  },
} as const
